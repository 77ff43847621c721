"""The pupils of a school, and casework beside them."""
