"""How a test knows that a page speaks the reader's language and nothing but it."""

import re
from collections.abc import Iterable

from playwright.sync_api import Page

# Everyday words that no English sentence holds, and no address or name of the demonstration either.
DANISH_WORDS = """
    af aldrig alle anmeld anmeldt blev bliver dage denne der det din dine dit du efter egen eller
    ellers er et flere få får følg følge gik gør gå har henvendelse henvendelser hent holdet hvad
    hvem hvis hvor hvordan hvorfor igen ikke ind ingen jeg jeres kan kanyle kanyler kun kvittering
    langt ligger løst med mellem modtaget måske når nummer og også om opgave på rør rute sendt
    senest siden skal skriv slut som sprøjte sprøjter sted stedet tak til tildelt tilbage tjek uden
    udført vagt vælg vi vores være åben åbn
"""
ENGLISH_WORDS = "the you and your with this what where when here not please"
DANISH, ENGLISH = frozenset(DANISH_WORDS.split()), frozenset(ENGLISH_WORDS.split())
WORD = re.compile(r"[a-zæøåéü]+")

# Text of the page as people read it, without what is rightly in another language: links to it,
# names and addresses as typed, the map's sources.
SHOWN = """() => {
  const page = document.body.cloneNode(true);
  const foreign = '[lang]:not([lang="' + document.documentElement.lang + '"])';
  for (const part of page.querySelectorAll(foreign + ', script, template, .leaflet-control-attribution, [data-as-written], .as-written, .words')) part.remove();
  const said = [document.title, page.innerText ?? page.textContent];
  for (const part of document.querySelectorAll('[aria-label], [alt], [title], [placeholder]')) {
    if (part.closest('[lang]').lang !== document.documentElement.lang) continue;
    for (const name of ['aria-label', 'alt', 'title', 'placeholder']) said.push(part.getAttribute(name) ?? '');
  }
  return said.join('\\n');
}"""


def foreign_words(page: Page, *, names: Iterable[str] = ()) -> set[str]:
    """Words on the page that belong to the other language; `names` are looked past."""
    text = str(page.evaluate(SHOWN))
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), " ", text, flags=re.IGNORECASE)
    other = ENGLISH if page.locator("html").get_attribute("lang") == "da" else DANISH
    return other & set(WORD.findall(text.lower()))


def assert_speaks(page: Page, language: str, *, names: Iterable[str] = ()) -> None:
    """The page says it is in this language, and is."""
    assert page.locator("html").get_attribute("lang") == language, page.url
    assert foreign_words(page, names=names) == set(), page.url
