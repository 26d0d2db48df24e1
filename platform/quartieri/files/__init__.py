"""What was uploaded: owner, name, checksum, checked kind; the bytes are the storage gateway's."""
