# syntax=docker/dockerfile:1.7
# One screen program by itself, from an origin of its own: `--build-arg REMOTE=support-tickets`. It is built and
# replaced without the shell and the server.
ARG NODE_IMAGE=node:20.19.5-bookworm-slim
ARG NGINX_IMAGE=nginxinc/nginx-unprivileged:1.29.1-alpine

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
RUN npm install --no-save --no-audit --no-fund --ignore-scripts

FROM packages AS web
ARG REMOTE
COPY tsconfig.base.json ./
COPY docs/openapi.json docs/
COPY web/packages web/packages
COPY web/remotes/${REMOTE} web/remotes/${REMOTE}
RUN node web/packages/build/src/build-all.mjs "${REMOTE}" && mv "web/dist/remotes/${REMOTE}" /screen

FROM ${NGINX_IMAGE}
COPY deploy/nginx.conf /etc/nginx/nginx.conf
COPY --from=web /screen /srv/screen
# The image's own user, by number, so that what runs it can see that it is not root.
USER 101:101
EXPOSE 3002
HEALTHCHECK --interval=5s --timeout=3s --retries=3 CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3002/healthz"]
