#!/bin/sh
# Starts n8n with the companies' workflows: imports and publishes what flowbit-connect has left in $FLOWBIT_IMPORT,
# unless that is what was imported last, and then becomes n8n. n8n reads what is published only when it starts.
set -eu

imports=$FLOWBIT_IMPORT
stamp="$N8N_USER_FOLDER/.n8n/flowbit-imported"

# n8n's importer reports its failures in words and ends with 0 all the same.
import() {
  said=$(n8n "import:$1" "--input=$2" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
  case $said in
    *"Successfully imported"*) ;;
    *) printf '%s\n' "$said" >&2; exit 1 ;;
  esac
}

# Its first account is there before anybody can reach it.
N8N_INSTANCE_OWNER_PASSWORD_HASH=$(cat "$imports/owner-password-hash")
export N8N_INSTANCE_OWNER_PASSWORD_HASH

set -- "$imports"/*.workflow.json
if [ -e "$1" ]; then
  what=$(n8n --version; cat "$imports"/*.workflow.json "$imports"/*.credentials.json)
  digest=$(printf '%s' "$what" | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null || true)" != "$digest" ]; then
    for workflow in "$@"; do
      slug=$(basename "$workflow" .workflow.json)
      echo "importing and publishing the workflow of $slug"
      import credentials "$imports/$slug.credentials.json"
      import workflow "$workflow"
      n8n publish:workflow "--id=flowbit-$slug"
    done
    printf '%s' "$digest" > "$stamp"
  fi
fi
exec n8n start
