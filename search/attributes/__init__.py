"""What title and text of a role, or a query, say of level, family, skills, years, degree, place, pay and the like. One module an attribute; docs/attributes.md."""
