"""The moto side: one backend in front of moto's, and what it uses and extends of moto's other services."""
