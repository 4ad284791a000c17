# syntax=docker/dockerfile:1

# The pages.
FROM node:22.20.0-slim AS pages
WORKDIR /src/overlay
COPY overlay/ ./
RUN npm ci --no-audit --no-fund && npm run build

# The packages, in an environment that is copied whole.
FROM python:3.12.12-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/haishin
ENV PATH=/opt/haishin/bin:$PATH
COPY requirements.lock /src/
RUN pip install --require-hashes -r /src/requirements.lock
COPY pyproject.toml README.md LICENSE models.lock /src/
COPY bot/ /src/bot/
COPY moderation/ /src/moderation/
COPY personas/ /src/personas/
COPY configs/ /src/configs/
COPY --from=pages /src/overlay/dist/ /src/overlay/dist/
RUN pip install --no-deps --no-build-isolation --no-index /src

FROM python:3.12.12-slim-bookworm
# What onnxruntime and llama.cpp share their work with.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home haishin \
    && install -d -m 700 -o haishin -g haishin /data && install -d -o haishin -g haishin /models
COPY --from=packages /opt/haishin /opt/haishin
# Weights are unpacked where they are kept: /tmp is memory where the root is read-only.
ENV PATH=/opt/haishin/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HAISHIN_HOME=/data \
    HAISHIN_MODELS__DIR=/models \
    HAISHIN_WEB__HOST=0.0.0.0 \
    TMPDIR=/models
USER haishin
WORKDIR /data
VOLUME ["/data", "/models"]
EXPOSE 7878
# The port answers from the first seconds on; the first start then fetches the weights behind its waiting page.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 7878, timeout=4); c.request('GET', '/live'); raise SystemExit(c.getresponse().status != 204)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["haishin"]
CMD ["run"]
