# syntax=docker/dockerfile:1

# The pages.
FROM node:22-slim AS pages
WORKDIR /src/overlay
COPY overlay/ ./
RUN npm ci --no-audit --no-fund && npm run build

# The packages, in an environment that is copied whole.
FROM python:3.12-slim AS packages
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

FROM python:3.12-slim
# What onnxruntime and llama.cpp share their work with.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home haishin && install -d -o haishin -g haishin /data /models
COPY --from=packages /opt/haishin /opt/haishin
ENV PATH=/opt/haishin/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HAISHIN_HOME=/data \
    HAISHIN_MODELS__DIR=/models \
    HAISHIN_WEB__HOST=0.0.0.0
USER haishin
WORKDIR /data
VOLUME ["/data", "/models"]
EXPOSE 7878
# The first start fetches the weights, which takes a few minutes on a slow line.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10m --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7878/live', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["haishin"]
CMD ["run"]
