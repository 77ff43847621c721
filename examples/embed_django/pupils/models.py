"""The host's own tables."""

from django.db import models


class Student(models.Model):
    """The host's own row of a pupil; casework knows the id, the name stays here."""

    id = models.CharField(max_length=20, primary_key=True)
    name = models.CharField(max_length=64)

    def __str__(self) -> str:
        """The id: names are for those who may see them."""
        return str(self.id)
