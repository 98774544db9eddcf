#!/bin/sh
# tour.sh FOLDER: what shells are for. It prints the same in busybox's shell, bash and zsh.
PATH=$1/bin
cd "$1" || exit 1
sort <fruit | head -n 2
echo "$(seq 3 | sort -r | tr '\n' ' ')by three"
(exit 4)
echo "status $?"
trap 'echo "the trap ran"' USR1
kill -USR1 $$
sleep 0.1 &
wait $!
echo "waited: $?"
cat <<END >tmp/$$
here: $((6 * 7))
END
while read -r line; do echo "<$line>"; done <tmp/$$
echo more >>tmp/$$
cat tmp/$$ | wc -l
rm tmp/$$
for name in fru*; do echo "$name"; done
nothing 2>tmp/$$ || echo "not found: $?"
rm tmp/$$
