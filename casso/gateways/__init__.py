"""The outside world. Plain values in and out; failures are GatewayError and nothing else."""
