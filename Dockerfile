# The image holds what `make test` has tested: the same lock file, the same list of system packages.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock ./
# Every file is checked against the lock's hashes here; the installation below can take from nowhere else.
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir wheels --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
# One lock serves tests and image: the shop asks for its own dependencies, so the test tools stay behind. The lock itself
# goes along: the report of versions compares with it.
RUN cp requirements.lock app/ \
 && pip wheel --no-cache-dir --no-deps --wheel-dir wheels . \
 && python -m venv --without-pip /opt/shop \
 && pip --python /opt/shop/bin/python install --no-cache-dir --no-index --find-links wheels ionickiss-shop

FROM python:3.11-slim-bookworm
COPY .ci/system-packages.txt /tmp/system-packages.txt
RUN apt-get update \
 && xargs -a /tmp/system-packages.txt apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/* /tmp/system-packages.txt \
 && fc-cache -f \
 && pip uninstall -y setuptools wheel pip \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin shop \
 && install --directory --owner=10001 --mode=0700 /var/backups/shop /var/spool/shop
COPY --from=build /opt/shop /opt/shop
ENV PATH=/opt/shop/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHOP_ENVIRONMENT=production \
    SHOP_FOLDER=/tmp/shop
WORKDIR /opt/shop
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=3)"]
ENTRYPOINT ["shop"]
CMD ["api", "--host", "0.0.0.0"]
