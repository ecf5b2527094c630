# Turnpike with PHP and WordPress: one process tree that needs no root, no capability and no writable system. It is the
# web tier of docker-compose.yml and has no state of its own: that is in the database and in the uploads.
FROM debian:12-slim AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    g++ cmake ninja-build pkg-config libpoco-dev libtomlplusplus-dev libcli11-dev libpcre2-dev libcrypt-dev \
    libnghttp2-dev libssl-dev libargon2-dev zlib1g-dev libbrotli-dev libzstd-dev php-dev libphp-embed ca-certificates
# WordPress as files: its package would bring a second web server along.
WORKDIR /packages
RUN apt-get download wordpress wordpress-theme-twentytwentythree php-getid3 libjs-underscore libjs-cropper && \
    for package in *.deb; do dpkg-deb -x "$package" / || exit 1; done
COPY examples/wordpress/site.sh /packages/
RUN sh site.sh /out/srv/wordpress && chown -R root:root /out/srv/wordpress
COPY . /src
# How many compilers run at once; 0: as many as there are processors.
ARG JOBS=0
RUN cmake -G Ninja -S /src -B /build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DTURNPIKE_TESTS=OFF && \
    cmake --build /build $(test "$JOBS" = 0 || echo "-j$JOBS") && \
    DESTDIR=/out cmake --install /build --strip && rm -rf /out/usr/include
COPY docker/wp-config.php /out/srv/wordpress/
COPY docker/turnpike.toml /out/etc/turnpike/
COPY docker/health /out/usr/libexec/turnpike/

FROM debian:12-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    libphp-embed php-mysql php-gd php-xml php-mbstring php-curl php-intl libpocojson80 libpocodatasqlite80 \
    libpcre2-8-0 libnghttp2-14 libssl3 libargon2-1 libbrotli1 libzstd1 ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/ /
RUN install -d -o www-data -g www-data /run/turnpike /srv/wordpress/wp-content/uploads && turnpike check
USER www-data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/usr/libexec/turnpike/health"]
# The master gives requests up to limits.drain (30 s) to finish after SIGTERM: `docker stop -t 40`.
STOPSIGNAL SIGTERM
CMD ["turnpike", "serve"]
