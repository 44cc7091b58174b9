# A worker: `rubicon worker`, as an ordinary user. Runs from source, see docs/decisions/1-run-from-source.md.
#
# A tag can mean another image tomorrow. For builds that are the same each time name the base by its digest:
#   docker buildx imagetools inspect node:20-bookworm-slim --format '{{json .Manifest.Digest}}'
#   docker build --build-arg NODE_IMAGE=node:20-bookworm-slim@sha256:… .
ARG NODE_IMAGE=node:20-bookworm-slim
FROM ${NODE_IMAGE}

# Server and client programs of PostgreSQL: a backup is proven by restoring it into a throw-away server. They must be of the
# same major version as the databases or newer; those of 18 dump and restore older ones, too. age and brotli are for reading a
# backup by hand. The script adds PostgreSQL's own package source, since Debian has 15.
ARG POSTGRES_MAJOR=18
RUN apt-get update \
 && apt-get install -y --no-install-recommends age brotli ca-certificates postgresql-common tini \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf \
 && apt-get install -y --no-install-recommends postgresql-${POSTGRES_MAJOR} postgresql-client-${POSTGRES_MAJOR} \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/rubicon
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY . .
RUN ln -s ../../client/rubicon.js node_modules/.bin/rubicon \
 && install -d -o node -g node /var/lib/rubicon \
 && install -d -o node -g node -m 0700 /var/lib/rubicon-identities

ENV PATH=/opt/rubicon/node_modules/.bin:/usr/lib/postgresql/${POSTGRES_MAJOR}/bin:$PATH
# Backups and reports, and apart from them what decrypts the backups; settings name folders below them. Nothing else is
# written but below /tmp, so the rest can be read-only.
VOLUME ["/var/lib/rubicon", "/var/lib/rubicon-identities"]
USER node
# tini collects the processes that a killed throw-away server leaves to whoever is the first.
ENTRYPOINT ["tini", "--", "rubicon"]
CMD ["worker"]
