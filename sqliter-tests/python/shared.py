"""The side of the original library, sqliter-py, of the tests about files that both libraries share.

    shared.py write FILE    makes a database with rows
    shared.py dump FILE     prints all that it reads of a database, as JSON
    shared.py change FILE   changes rows of a database that is there
"""

import json
import sys
from datetime import date, datetime, timezone
from typing import Optional

from sqliter import SqliterDB
from sqliter.orm import BaseDBModel, ForeignKey, ManyToMany


class Author(BaseDBModel):
    name: str
    born: Optional[date] = None
    rating: Optional[float] = None


class Tag(BaseDBModel):
    name: str


class Book(BaseDBModel):
    title: str
    pages: int
    price: float
    sold: bool
    cover: bytes
    printed: date
    logged: datetime
    edition: Optional[int] = None
    score: Optional[float] = None
    lent: Optional[bool] = None
    read_on: Optional[date] = None
    read_at: Optional[datetime] = None
    note: Optional[str] = None
    scan: Optional[bytes] = None
    author: ForeignKey[Author] = ForeignKey(Author, on_delete="CASCADE", related_name="books")
    editor: ForeignKey[Optional[Author]] = ForeignKey(
        Author, on_delete="SET NULL", null=True, related_name="edited"
    )
    tags: ManyToMany[Tag] = ManyToMany(Tag, related_name="books")


class Person(BaseDBModel):
    name: str
    friends: ManyToMany["Person"] = ManyToMany("Person", symmetrical=True)

    class Meta:
        table_name = "people"


MODELS = [Author, Tag, Book, Person]


def at(day, hour=0):
    return datetime(2024, 1, day, hour, 30, 15, tzinfo=timezone.utc)


def book(number, author, editor=None, **others):
    return Book(
        title=f"book {number}",
        pages=number * 100,
        price=number + 0.5,
        sold=number % 2 == 0,
        cover=bytes([0, number, 255]),
        printed=date(2020, 1, number),
        logged=at(number),
        author=author,
        editor=editor,
        **others,
    )


def write(path):
    db = SqliterDB(path)
    for model in MODELS:
        db.create_table(model)
    ada = db.insert(Author(name="Ada", born=date(1815, 12, 10), rating=4.5))
    bob = db.insert(Author(name="Bob"))
    cy = db.insert(Author(name="Cé", born=date(2001, 2, 3), rating=10.25))
    tags = [db.insert(Tag(name=name)) for name in ("old", "new", "rare")]
    one = db.insert(
        book(
            1, ada, cy, edition=9, score=2.5, lent=True, read_on=date(1969, 12, 31),
            read_at=at(5, 12), note="a 'note'", scan=b"\x01\x02",
        )
    )
    two = db.insert(book(2, ada, edition=10, score=10.0, lent=False, read_on=date(2024, 3, 1), read_at=at(6)))
    db.insert(book(3, bob, ada, edition=100, score=-1.25, note="", scan=b""))
    db.insert(book(4, cy))
    one.tags.add(tags[0], tags[1])
    two.tags.add(tags[1])
    people = [db.insert(Person(name=name)) for name in ("Pa", "Qi", "Ro", "So")]
    people[0].friends.add(people[1])
    people[2].friends.add(people[0])
    people[3].friends.add(people[3])
    db.close()


def change(path):
    db = SqliterDB(path)
    first = db.get(Book, 1)
    first.title = "changed by Python"
    first.edition = 12
    first.lent = None
    first.read_on = date(2025, 5, 5)
    db.update(first)
    for bob in db.select(Author).filter(name="Bob").fetch_all():
        db.delete(Author, bob.pk)
    tag = db.get(Tag, 3)
    first.tags.set(tag)
    db.insert(book(7, db.get(Author, 1), db.get(Author, 3), edition=7, lent=True))
    db.close()


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, date):
        return value.isoformat()
    return value


FIELDS = [
    "pk", "title", "pages", "price", "sold", "cover", "printed", "logged", "edition", "score", "lent", "read_on",
    "read_at", "note", "scan",
]


def dump(path):
    db = SqliterDB(path)
    books = []
    loaded = db.select(Book).select_related("author", "editor").prefetch_related("tags").order("pk").fetch_all()
    for row in loaded:
        found = {name: plain(getattr(row, name)) for name in FIELDS}
        found["author"] = row.author.name
        found["editor"] = row.editor.name if row.editor else None
        found["tags"] = sorted(tag.name for tag in row.tags.fetch_all())
        books.append(found)
    authors = [
        {"name": row.name, "born": plain(row.born), "rating": row.rating, "books": row.books.count()}
        for row in db.select(Author).order("pk").fetch_all()
    ]
    people = [
        {"name": row.name, "friends": sorted(other.name for other in row.friends.fetch_all())}
        for row in db.select(Person).order("pk").fetch_all()
    ]
    titles = lambda query: sorted(row.title for row in query.fetch_all())
    filters = {
        "author__name": titles(db.select(Book).filter(author__name="Ada")),
        "editor__isnull": titles(db.select(Book).filter(editor_id__isnull=True)),
        "pages__gt": titles(db.select(Book).filter(pages__gt=150)),
        "edition": titles(db.select(Book).filter(edition=10)),
        "count": db.select(Book).filter(sold=True).count(),
    }
    db.close()
    print(json.dumps({"books": books, "authors": authors, "people": people, "filters": filters}, ensure_ascii=True))


if __name__ == "__main__":
    {"write": write, "dump": dump, "change": change}[sys.argv[1]](sys.argv[2])
