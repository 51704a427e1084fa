# A bolt in plain shell: it takes messages apart with sed, and never waits for
# anything but its next line.
say() { printf '%s\nend\n' "$1"; }

read -r handshake
read -r end
touch "$(printf '%s' "$handshake" | sed 's/.*"pidDir":"\([^"]*\)".*/\1/')/$$"
say "{\"pid\": $$}"

while read -r message && read -r end; do
    case $message in
    *'"stream":"__heartbeat"'*)
        say '{"command": "sync"}'
        ;;
    *)
        id=$(printf '%s' "$message" | sed 's/.*"id":"\([0-9]*\)".*/\1/')
        tuple=$(printf '%s' "$message" | sed 's/.*"tuple":\(\[.*\]\).*/\1/' | tr '[:lower:]' '[:upper:]')
        say "{\"command\": \"emit\", \"anchors\": \"$id\", \"need_task_ids\": false, \"tuple\": $tuple}"
        say "{\"command\": \"ack\", \"id\": $id}"
        ;;
    esac
done
