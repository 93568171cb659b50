# The same names as ./run, for who types make. Extra arguments: make test ARGS="-k parcel"
.PHONY: setup demo test check bench
setup demo test check bench:
	@./run $@ $(ARGS)
