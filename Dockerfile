# The images of NovaCron: scheduler, worker, worker-gpu, flower. docs/deploy.md says how they are built and run.
#
#   docker build --target scheduler -t novacron/scheduler:dev .
#
# Packages come from PyPI by the hashes of requirements/*.lock. Neither a frontend, digests nor links of layers are
# asked for: an engine that reaches no registry builds all of it from a base image that it has.
ARG PYTHON_IMAGE=python:3.12-slim
# What the processes run on: also one without a shell, of the same Python and C library.
ARG RUNTIME_IMAGE=${PYTHON_IMAGE}
# `with` builds liboqs, for which it needs the sources.
ARG LIBOQS=without

FROM ${PYTHON_IMAGE} AS builder
# Times of all files, so that equal sources make equal layers.
ARG SOURCE_DATE_EPOCH=315532800
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} \
    PYC_INVALIDATION_MODE=UNCHECKED_HASH \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
RUN python -m pip install --no-cache-dir --no-compile "uv==0.13.*"
WORKDIR /build

# A layer of packages for each image; no package needs its tests.
FROM builder AS scheduler-packages
COPY requirements/scheduler.lock ./
RUN uv pip sync --python python3 --target /opt/packages --require-hashes --only-binary :all: scheduler.lock \
    && find /opt/packages -type d -name tests -prune -exec rm -rf {} + \
    && find /opt -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM builder AS worker-packages
COPY requirements/worker.lock ./
RUN uv pip sync --python python3 --target /opt/packages --require-hashes --only-binary :all: worker.lock \
    && find /opt/packages -type d -name tests -prune -exec rm -rf {} + \
    && find /opt -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM builder AS worker-gpu-packages
COPY requirements/worker-gpu.lock ./
RUN uv pip sync --python python3 --target /opt/packages --require-hashes --only-binary :all: worker-gpu.lock \
    && find /opt/packages -type d -name tests -prune -exec rm -rf {} + \
    && find /opt -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM builder AS flower-packages
COPY requirements/flower.lock ./
RUN uv pip sync --python python3 --target /opt/packages --require-hashes --only-binary :all: flower.lock \
    && find /opt/packages -type d -name tests -prune -exec rm -rf {} + \
    && find /opt -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

# The sources that each image carries, compiled.
FROM builder AS shared-source
COPY requirements/worker.lock /app/requirements/
COPY novacron /app/novacron
COPY shared /app/shared

FROM shared-source AS scheduler-source
COPY alembic.ini /app/
COPY migrations /app/migrations
COPY scheduler /app/scheduler
RUN python -m compileall -q --invalidation-mode unchecked-hash /app \
    && find /app -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM shared-source AS worker-source
COPY migrations /app/migrations
COPY workers /app/workers
RUN python -m compileall -q --invalidation-mode unchecked-hash /app \
    && find /app -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM shared-source AS flower-source
RUN python -m compileall -q --invalidation-mode unchecked-hash /app \
    && find /app -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM builder AS liboqs-without
RUN mkdir -p /opt/liboqs

FROM builder AS liboqs-with
# A git repository to take the sources from, instead of the project's own.
ARG LIBOQS_SOURCE
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cmake gcc git libc6-dev ninja-build \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/build_liboqs.sh ./
RUN ./build_liboqs.sh /opt/liboqs ${LIBOQS_SOURCE} \
    && uv pip install --python python3 --target /opt/liboqs/python "liboqs-python==0.16.*" \
    && rm -rf /opt/liboqs/include \
    && find /opt -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

# hadolint ignore=DL3006
FROM liboqs-${LIBOQS} AS liboqs

FROM ${RUNTIME_IMAGE} AS runtime
# Without a home of its own: the root is read only, and what is written goes to a /tmp in memory.
ENV HOME=/tmp \
    OQS_INSTALL_PATH=/opt/liboqs \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app:/opt/packages:/opt/liboqs/python \
    PYTHONUNBUFFERED=1
WORKDIR /app
USER 65532:65532

FROM runtime AS scheduler
COPY --from=scheduler-packages /opt/packages /opt/packages
COPY --from=liboqs /opt/liboqs /opt/liboqs
COPY --from=scheduler-source /app /app
ENV NOVACRON_HOST=0.0.0.0
EXPOSE 8420
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=20s --start-period=60s CMD ["python", "-m", "scheduler.probe"]
CMD ["python", "-m", "scheduler"]

# A matrix of a few rows is no work for several threads; simulations have threads of their own.
FROM runtime AS worker-runtime
ENV MKL_NUM_THREADS=1 \
    NOVACRON_HEARTBEAT_FILE=/tmp/heartbeat \
    NUMEXPR_NUM_THREADS=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=20s --start-period=120s CMD ["python", "-m", "workers.probe"]

# The simulators' machine code, for processors of a level and not for the one that builds.
FROM worker-packages AS machine-code
ARG CPU=x86-64-v3
COPY --from=worker-source /app /app
ENV NOVACRON_CPU=${CPU} \
    NUMBA_CACHE_DIR=/opt/machine-code \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app:/opt/packages
WORKDIR /app
RUN python -m workers.quantum.warm --single \
    && find /opt/machine-code -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM worker-runtime AS worker
ARG CPU=x86-64-v3
ENV NOVACRON_CPU=${CPU} \
    NUMBA_CACHE_DIR=/opt/machine-code
COPY --from=worker-packages /opt/packages /opt/packages
COPY --from=liboqs /opt/liboqs /opt/liboqs
COPY --from=worker-source /app /app
COPY --from=machine-code /opt/machine-code /opt/machine-code
CMD ["python", "-m", "workers", "--queue", "cpu-sim"]

# CUDA's libraries come as packages, too: the host gives the driver alone.
FROM worker-runtime AS worker-gpu
ARG CPU=x86-64-v3
ENV NOVACRON_CPU=${CPU} \
    NUMBA_CACHE_DIR=/opt/machine-code \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    NVIDIA_VISIBLE_DEVICES=all
COPY --from=worker-gpu-packages /opt/packages /opt/packages
COPY --from=worker-source /app /app
COPY --from=machine-code /opt/machine-code /opt/machine-code
CMD ["python", "-m", "workers", "--queue", "gpu-sim"]

FROM runtime AS flower
COPY --from=flower-packages /opt/packages /opt/packages
COPY --from=flower-source /app /app
EXPOSE 5555
STOPSIGNAL SIGTERM
CMD ["python", "-m", "shared.broker.flower", "--address", "0.0.0.0"]
