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
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
RUN python -m pip install --no-cache-dir --no-compile "uv==0.13.*"
WORKDIR /build
# What goes into images is put together below /image, folders included, since these keep their times only when they are
# copied with what is in them.

# The base image has Python's own modules as sources alone, and a read-only root keeps no bytecode: without this, each
# start compiles them again. Files name the time of their source, so that another Python does not use them.
FROM builder AS standard-library
WORKDIR /usr/local/lib/python3.12
RUN python -m compileall -q -f --invalidation-mode timestamp \
        -x "$PWD/(ensurepip|idlelib|lib2to3|site-packages|test|tkinter|turtledemo)/" "$PWD" \
    && mkdir -p /image/app "/image/$PWD" \
    && find . -name site-packages -prune -o -name __pycache__ -exec cp --parents -r -t "/image/$PWD" {} + \
    && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM builder AS packages
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/image_packages.sh ./

# A layer of packages for each image.
FROM packages AS scheduler-packages
COPY requirements/scheduler.lock ./
RUN ./image_packages.sh scheduler.lock /image

FROM packages AS worker-packages
# `worker-full` adds molecules, IBM's devices and all decoders.
ARG WORKER=worker
COPY requirements/${WORKER}.lock ./
RUN ./image_packages.sh ${WORKER}.lock /image

FROM packages AS worker-gpu-packages
COPY requirements/worker-gpu.lock ./
RUN ./image_packages.sh worker-gpu.lock /image

FROM packages AS flower-packages
COPY requirements/flower.lock ./
RUN ./image_packages.sh flower.lock /image

# The sources that each image carries, compiled.
FROM builder AS shared-source
COPY requirements/worker.lock /image/app/requirements/
COPY novacron /image/app/novacron
COPY shared /image/app/shared

FROM shared-source AS scheduler-source
COPY alembic.ini /image/app/
COPY migrations /image/app/migrations
COPY scheduler /image/app/scheduler
RUN python -m compileall -q -s /image -p / --invalidation-mode unchecked-hash /image \
    && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM shared-source AS worker-source
COPY migrations /image/app/migrations
COPY workers /image/app/workers
RUN python -m compileall -q -s /image -p / --invalidation-mode unchecked-hash /image \
    && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM shared-source AS flower-source
RUN python -m compileall -q -s /image -p / --invalidation-mode unchecked-hash /image \
    && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM builder AS liboqs-without
RUN mkdir /image

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
    && mkdir -p /image/opt \
    && mv /opt/liboqs /image/opt/ \
    && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

# hadolint ignore=DL3006
FROM liboqs-${LIBOQS} AS liboqs

# The simulators' machine code, for processors of a level and not for the one that builds.
FROM builder AS machine-code
ARG CPU=x86-64-v3
COPY --from=worker-packages /image/ /
COPY --from=worker-source /image/ /
ENV NOVACRON_CPU=${CPU} \
    NUMBA_CACHE_DIR=/opt/machine-code \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    PYTHONUSERBASE=/opt/packages
WORKDIR /app
RUN python -m workers.quantum.warm --single \
    && mkdir -p /image/opt \
    && mv /opt/machine-code /image/opt/ \
    && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM ${RUNTIME_IMAGE} AS runtime
# Without a home of its own: the root is read only, and what is written goes to a /tmp in memory.
ENV HOME=/tmp \
    OQS_INSTALL_PATH=/opt/liboqs \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app:/opt/liboqs/python \
    PYTHONUNBUFFERED=1 \
    PYTHONUSERBASE=/opt/packages
COPY --from=standard-library /image/ /
WORKDIR /app
USER 65532:65532

FROM runtime AS scheduler
COPY --from=scheduler-packages /image/ /
COPY --from=liboqs /image/ /
COPY --from=scheduler-source /image/ /
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

FROM worker-runtime AS worker
ARG CPU=x86-64-v3
ENV NOVACRON_CPU=${CPU} \
    NUMBA_CACHE_DIR=/opt/machine-code
COPY --from=worker-packages /image/ /
COPY --from=liboqs /image/ /
COPY --from=worker-source /image/ /
COPY --from=machine-code /image/ /
CMD ["python", "-m", "workers", "--queue", "cpu-sim"]

# CUDA's libraries come as packages, too: the host gives the driver alone.
FROM worker-runtime AS worker-gpu
ARG CPU=x86-64-v3
ENV NOVACRON_CPU=${CPU} \
    NUMBA_CACHE_DIR=/opt/machine-code \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    NVIDIA_VISIBLE_DEVICES=all
COPY --from=worker-gpu-packages /image/ /
COPY --from=worker-source /image/ /
COPY --from=machine-code /image/ /
CMD ["python", "-m", "workers", "--queue", "gpu-sim"]

FROM runtime AS flower
COPY --from=flower-packages /image/ /
COPY --from=flower-source /image/ /
EXPOSE 5555
STOPSIGNAL SIGTERM
CMD ["python", "-m", "shared.broker.flower", "--address", "0.0.0.0"]
