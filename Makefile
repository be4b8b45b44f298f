# Aliases: the two commands are `python3 server.py` and `python3 -m tests`.
run: ; python3 server.py
test: ; python3 -m tests
ci: ; bash .ci/run
.PHONY: run test ci
