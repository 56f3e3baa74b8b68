# Two stages: wheels are built and installed in the first, only the result is copied into the second.
FROM python:3.13-slim-trixie AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/denials
COPY requirements.lock ./
RUN /opt/denials/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY handlers ./handlers
COPY services ./services
COPY intake ./intake
COPY store ./store
COPY denials ./denials
COPY sandbox ./sandbox
RUN /opt/denials/bin/pip install --no-deps . \
    && /opt/denials/bin/python -m compileall -q /opt/denials/lib \
    && /opt/denials/bin/pip uninstall --yes pip

FROM python:3.13-slim-trixie
# pip and the like are of no use at run time and only widen what an intruder finds.
RUN python -m pip uninstall --yes pip \
    && useradd --system --uid 10001 --home-dir /var/lib/denials --create-home denials \
    && install --directory --owner=denials --mode=0700 /var/lib/denials/data
COPY --from=build /opt/denials /opt/denials
COPY rules.yaml /var/lib/denials/rules.yaml
ENV PATH="/opt/denials/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    DENIALS_HTTP_HOST=0.0.0.0 \
    DENIALS_LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/denials
VOLUME /var/lib/denials/data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('DENIALS_HTTP_PORT', '3000') + '/healthz', timeout=4)"]
ENTRYPOINT ["denials"]
CMD ["run"]
