# A service of one's own: SDK/bin/portolan-cc has to be found, and ptl of a cluster that has a component
# `greet` (README.md of Portolan, "Your first service").
PORTOLAN_CC ?= portolan-cc
NODE ?= n3

greet: main.c greet.idl
	$(PORTOLAN_CC) -Wall -Wextra -o $@ $^

# Puts it in the place of what the component runs there.
push: greet
	ptl push $(NODE)/greet greet

clean:
	rm -f greet

.PHONY: push clean
