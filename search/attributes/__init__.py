"""What a role or a query says of level, family, skills, years, degree, place, pay and the like: a module an attribute. See docs/attributes.md."""
