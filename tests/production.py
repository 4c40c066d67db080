"""A full set of settings that production starts with, as an operator would write it."""

import json

from app.auth.keys import generate_key
from app.settings.production import OWN_IDS

KEY = generate_key()
GIVEN = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql+psycopg://shop:correct-horse@db.internal/shop?sslmode=verify-full",
    "PUBLIC_URL": "https://api.ionickiss.bg",
    "STOREFRONT_URL": "https://ionickiss.bg",
    "STOREFRONT_ORIGINS": "https://ionickiss.bg, https://www.ionickiss.bg",
    "GUEST_TOKEN_SECRET": "nQ4mY6hMBxEjnERXVRg3JOWIp5QLsbA70mAinpKgGLw=",
    "TOTP_SECRET": "T4a3BjBw6WG3lk68MU4LlgC3ED55hCmbyBQM2g8mb6w=",
    "SEALING_SECRET": "3O/Jkd6lJgBgYzRTiRFblsdwHjggZISVMoZFR/rmmNs=",
    "BACKUP_SECRET": "nEN32zkxTmZKN2KY97N8QlsvBNnsfzJLAJZ4RiYt4JA=",
    "SIGNING_KEYS": json.dumps({"keys": [KEY]}),
    "SPEEDY_URL": "https://api.speedy.bg/v1",
    "SPEEDY_USER": "998877",
    "SPEEDY_PASSWORD": "speedy-password",
    "ICASH_URL": "https://v5.icash.bg",
    "ICASH_API_KEY": "icash-key",
    "ICASH_SECRET_KEY": "icash-secret",
    "SMTP_HOST": "mail.ionickiss.bg",
    "SMTP_USER": "shop",
    "SMTP_PASSWORD": "mail-password",
    "SELLER_IBAN": "BG80BNBG96611020345678",
    **{name.upper(): "7" for name in OWN_IDS},
}
ANOTHER_SECRET = "mW8gq4cY1h0Zr6bTnK2vXo9sLJdE5uPi3fAyQxHtRk7="
