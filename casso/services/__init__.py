"""The only floor that writes: one public function = one use case = one transaction."""
