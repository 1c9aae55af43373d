// Generator.
