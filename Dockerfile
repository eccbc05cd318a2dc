# The app, or with another command its scheduler or a training process: see compose.yaml.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY constraints.txt /tmp/constraints.txt
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --constraint /tmp/constraints.txt /wheels/*.whl && rm -rf /wheels \
    && useradd --create-home --uid 1000 studio && install --directory --owner studio --mode 700 /data /data/keys /data/runs
USER studio
WORKDIR /data
ENV DIGIT_STUDIO_HOME=/data/runs DIGIT_STUDIO_KEYS=/data/keys MPLCONFIGDIR=/tmp/matplotlib
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["digit-studio", "serve", "--host", "0.0.0.0"]
