"""Carries e-mails: to a mail server, or in development to a folder."""
