"""How fast the endpoint is, beside the engine in process and beside other servers: see README.md."""
