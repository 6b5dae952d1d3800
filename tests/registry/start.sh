# Starts the registry with one user and a certificate of an authority of its own.
set -e
mkdir -p /certs
if [ ! -e /certs/registry.pem ]; then
    htpasswd -Bbc /certs/htpasswd "$USER_NAME" "$PASSWORD"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=test authority" -keyout /certs/ca.key -out /certs/ca.pem
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -CA /certs/ca.pem -CAkey /certs/ca.key -subj "/CN=registry" \
        -addext "subjectAltName=$ADDRESSES" -addext basicConstraints=critical,CA:FALSE \
        -keyout /certs/registry.key -out /certs/registry.pem
fi
export REGISTRY_AUTH=htpasswd REGISTRY_AUTH_HTPASSWD_REALM=test
export REGISTRY_AUTH_HTPASSWD_PATH=/certs/htpasswd
export REGISTRY_HTTP_TLS_CERTIFICATE=/certs/registry.pem REGISTRY_HTTP_TLS_KEY=/certs/registry.key
exec docker-registry serve /etc/docker/registry/config.yml
