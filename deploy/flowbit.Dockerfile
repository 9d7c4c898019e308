# syntax=docker/dockerfile:1.7
# The server with the web side inside, and the program that connects it with n8n: two files that need nothing of a
# system, in an image that holds nothing else. Layers are in the order in which what they are made from changes:
# tools, dependencies, the web side, the server.
ARG NODE_IMAGE=node:20.19.5-bookworm-slim
ARG RUST_IMAGE=rust:1.95.0-slim-bookworm

# The web side. Its packages are a layer of their own: they change with package-lock.json alone.
FROM ${NODE_IMAGE} AS packages
WORKDIR /src
COPY package.json package-lock.json ./
COPY e2e/package.json e2e/
COPY web/shell/package.json web/shell/
COPY web/packages/api/package.json web/packages/api/
COPY web/packages/attachments/package.json web/packages/attachments/
COPY web/packages/build/package.json web/packages/build/
COPY web/packages/contract/package.json web/packages/contract/
COPY web/packages/rich/package.json web/packages/rich/
COPY web/packages/ui/package.json web/packages/ui/
COPY web/remotes/admin/package.json web/remotes/admin/
COPY web/remotes/portal/package.json web/remotes/portal/
COPY web/remotes/support-tickets/package.json web/remotes/support-tickets/
# Not `npm ci`: see xtask/src/web.rs. What is locked is taken, hashes included.
RUN npm install --no-save --no-audit --no-fund --ignore-scripts

FROM packages AS web
COPY tsconfig.base.json ./
COPY docs/openapi.json docs/
COPY web web
RUN npm run --silent build

# The server. cargo-chef builds its dependencies from a list of them, so that they are built anew only when that
# list changes.
FROM ${RUST_IMAGE} AS rust
# make: for jemalloc. Of what Debian has at the moment; the image above says which Debian.
RUN apt-get update -q \
 && apt-get install -q -y --no-install-recommends make \
 && rm -rf /var/lib/apt/lists/*
RUN cargo install --locked cargo-chef@0.1.78
WORKDIR /src

FROM rust AS plan
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY xtask xtask
RUN cargo chef prepare --recipe-path recipe.json

FROM rust AS server
# The C library goes into the program: it runs in an empty image and on any Linux of this processor. A target that
# is named keeps this from build scripts and macros, which are loaded by the compiler.
ENV RUSTFLAGS="-C target-feature=+crt-static"
COPY rust-toolchain.toml ./
COPY .cargo .cargo
COPY --from=plan /src/recipe.json ./
RUN cargo chef cook --release --locked --target "$(rustc --print host-tuple)" \
    --package flowbit-server --package flowbit-connect --recipe-path recipe.json
COPY Cargo.toml Cargo.lock registry.json ./
COPY workflows workflows
COPY crates crates
COPY xtask xtask
COPY --from=web /src/web/dist web/dist
RUN cargo build --release --locked --target "$(rustc --print host-tuple)" \
    --package flowbit-server --package flowbit-connect \
 && mkdir -p /image/bin /image/etc/ssl/certs /image/data /image/n8n \
 && cp target/*/release/flowbit target/*/release/flowbit-connect /image/bin/ \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && printf 'flowbit:x:65532:65532::/data:/bin/flowbit\n' > /image/etc/passwd

FROM scratch
COPY --from=server /image/bin /bin
COPY --from=server /image/etc /etc
# Where volumes are mounted: a new one gets its owner from here. /n8n is that of n8n's own user.
COPY --from=server --chown=65532:65532 /image/data /data
COPY --from=server --chown=1000:1000 /image/n8n /n8n
USER 65532:65532
ENV FLOWBIT_LISTEN=0.0.0.0:3000 \
    FLOWBIT_DATA=/data \
    FLOWBIT_LOG_FORMAT=json
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/bin/flowbit", "healthcheck"]
ENTRYPOINT ["/bin/flowbit"]
CMD ["serve"]
