#!/bin/sh
# For busybox's shell, bash and zsh alike: outlives.sh FOLDER
# Reads FOLDER/text by a process of its own, and writes a file and reads it back itself, again and again until
# FOLDER/go is there, though the server of these files dies meanwhile. What is read is whole, or the reader says
# that it failed. The file that it writes goes with the server.
PATH=$1/bin
text=$1/text own=$1/tmp/$$ rounds=0
until wanted=$(cat "$text" 2>/dev/null); do :; done
echo begun
until [ -e "$1/go" ]; do
        got=$(cat "$text" 2>&1) && [ "$got" != "$wanted" ] && echo "text: $got" && exit 1
        rounds=$((rounds + 1))
        { echo "round $rounds" >"$own" && read -r back <"$own"; } 2>/dev/null || continue
        [ "$back" = "round $rounds" ] || { echo "written: round $rounds, read: $back" && exit 1; }
done
until got=$(cat "$text" 2>/dev/null); do :; done
[ "$got" = "$wanted" ] && echo "done"
rm -f "$own" 2>/dev/null || :
