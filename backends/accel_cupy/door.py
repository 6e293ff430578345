"""The hooks of the door: CuPy's devices, moves between them and the host, and its errors in plain words."""

rank = {"gpu": 20}
