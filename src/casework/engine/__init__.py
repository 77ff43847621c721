"""The engine: decide, evolve, settle; and the desk and the sweep that bring it to a store."""
