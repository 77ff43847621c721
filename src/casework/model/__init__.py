"""Values: what a case, its people, its duties and its happenings are. Nothing here does anything."""
