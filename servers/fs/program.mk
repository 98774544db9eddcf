# The file server knows the digests of its files.
LIBRARIES_fs = $(USER_SODIUM)
