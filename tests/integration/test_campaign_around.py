"""What others bring to a campaign: offers of help, comments of a tutor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.campaigns import actions
from quartieri.campaigns.actions.around import OfferData
from quartieri.campaigns.models import Offer
from quartieri.campaigns.queries.around import comments_of, offers_of
from quartieri.campaigns.queries.compare import compared
from quartieri.campaigns.rules import NeedFacts, NeedKind, NeedsPart, OfferState
from quartieri.kit.errors import IllegalMoveError, InvalidError
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.campaigns import STARTS, Scene, make_live, make_scene
from tests.factories.people import make_official, make_user

Browser = Callable[..., SiteClient]
NEEDS = NeedsPart(
    (
        NeedFacts(NeedKind.TIME, "Braccia", "Due sabati", 5),
        NeedFacts(NeedKind.IN_KIND, "Vasi"),
    )
)


def make_needing(session: Session) -> Scene:
    return make_live(session, needs=NEEDS)


def offer_data(**over: object) -> OfferData:
    values: dict[str, object] = {
        "quantity": 2,
        "name": "Olga",
        "email": "olga@example.org",
        "phone": "",
        "message": "Io e mio fratello",
    }
    return OfferData(**(values | over))  # type: ignore[arg-type]


def make_offer(session: Session, scene: Scene, need: int = 1, **over: object) -> Offer:
    return actions.make_offer(
        session, scene.campaign, need, offer_data(**over), language="it", at=STARTS
    )


def test_an_offer_is_made_on_the_page_answered_at_the_desk_and_counted(
    client: SiteClient,
    as_user: Browser,
    session: Session,
    outbox: Outbox,
    work: Callable[[], int],
) -> None:
    scene = make_needing(session)
    slug, campaign_id, owner = scene.campaign.slug, scene.campaign.id, scene.owner
    page = client.get(f"/projects/{slug}").text
    assert f"/projects/{slug}/offer/1" in page
    path = f"/projects/{slug}/offer/1"
    assert client.get(path).status_code == 200
    typed = {"quantity": "2", "name": "Olga", "email": "Olga@example.org", "message": "Volentieri"}
    wrong = client.post(path, data=typed | {"email": "olga"})
    assert wrong.status_code == 422
    assert "Volentieri" in wrong.text
    assert client.post(path, data=typed).status_code == 303
    found = offers_of(session, campaign_id)[0]
    assert (found.email, found.state) == ("olga@example.org", OfferState.OFFERED)
    assert "Olga" not in client.get(f"/projects/{slug}").text
    proposer = as_user(owner)
    desk = proposer.get(f"/account/campaigns/{campaign_id}/offers").text
    assert "olga@example.org" in desk
    answered = proposer.post(
        f"/account/campaigns/offers/{found.id}/accept", data={"answer": "A sabato!"}
    )
    assert answered.status_code == 303
    session.refresh(found)
    assert found.state is OfferState.ACCEPTED
    assert "2 su 5" in client.get(f"/projects/{slug}").text
    work()
    assert len(outbox.to(owner.email)) >= 1
    letters = outbox.to("olga@example.org")
    assert len(letters) == 2
    assert "Volentieri" not in letters[0].text
    assert "A sabato!" in letters[1].text


def test_offers_are_for_the_proposer_and_the_office_alone(
    as_user: Browser, session: Session
) -> None:
    scene = make_needing(session)
    offer = make_offer(session, scene)
    stranger = as_user(make_user(session))
    assert stranger.get(f"/account/campaigns/{scene.campaign.id}/offers").status_code == 404
    assert stranger.post(f"/account/campaigns/offers/{offer.id}/accept").status_code == 404
    officer = as_user(scene.officer)
    assert "Olga" in officer.get(f"/manage/campaigns/{scene.campaign.id}/offers").text


def test_what_was_found_follows_every_answer(session: Session) -> None:
    scene = make_needing(session)
    first, second = make_offer(session, scene), make_offer(session, scene, quantity=3)
    vases = make_offer(session, scene, need=2, quantity=40)
    for one in (first, second, vases):
        actions.answer_offer(session, one, "accept", actor=scene.proposer, at=STARTS)
    assert [n["promised"] for n in scene.campaign.page.needs] == [5, 40]
    actions.answer_offer(session, second, "decline", actor=scene.proposer, at=STARTS)
    actions.answer_offer(session, first, "receive", actor=scene.proposer, at=STARTS)
    assert [n["promised"] for n in scene.campaign.page.needs] == [2, 40]
    with pytest.raises(IllegalMoveError):
        actions.answer_offer(session, second, "receive", actor=scene.proposer, at=STARTS)


def test_no_more_is_offered_than_is_needed_nor_before_the_campaign(session: Session) -> None:
    scene = make_needing(session)
    with pytest.raises(InvalidError):
        make_offer(session, scene, quantity=6)
    draft = make_scene(session, needs=NEEDS)
    with pytest.raises(IllegalMoveError):
        make_offer(session, draft)


def test_a_tutor_comments_part_by_part_and_the_proposer_ticks_off(
    as_user: Browser, session: Session, outbox: Outbox, work: Callable[[], int]
) -> None:
    scene = make_scene(session)
    campaign_id = scene.campaign.id
    tutor = as_user(make_official(session, Role.TUTOR, scene.call.scope, "Tullia Tutor"))
    assert scene.campaign.title in tutor.get("/manage/pages").text
    path = f"/manage/campaigns/{campaign_id}/page"
    assert tutor.get(path).status_code == 200
    assert tutor.get(f"/manage/campaigns/{campaign_id}/preview").status_code == 200
    assert tutor.get(f"/manage/campaigns/{campaign_id}").status_code == 403
    assert tutor.post(path, data={"part": "story", "text": " "}).status_code == 422
    said = tutor.post(path, data={"part": "story", "text": "Di' per chi è."})
    assert said.status_code == 303
    proposer = as_user(scene.owner)
    for page in ("edit", "edit/story"):
        assert "Di&#39; per chi è." in proposer.get(f"/account/campaigns/{campaign_id}/{page}").text
    comment = comments_of(session, campaign_id)[0]
    resolved = proposer.post(f"/account/campaigns/comments/{comment.id}/resolve")
    assert resolved.status_code == 303
    assert comments_of(session, campaign_id)[0].resolved_at is not None
    text = proposer.get(f"/account/campaigns/{campaign_id}/edit/story").text
    assert "Di&#39; per chi è." not in text
    work()
    assert any("Di' per chi è." in letter.text for letter in outbox.to(scene.owner.email))


def test_the_comparison_marks_in_words_what_the_page_says_otherwise(
    as_user: Browser, session: Session
) -> None:
    scene = make_scene(session, title="Orto nuovo", target_cents=12_000_00)
    rows = {str(row.what): row for row in compared(session, scene.campaign)}
    assert rows["Title"].differs
    assert rows["Target"].differs
    assert not rows["Cost"].differs
    assert not rows["Budget: Terra"].differs
    page = as_user(scene.manager).get(f"/manage/campaigns/{scene.campaign.id}/page").text
    assert page.count("diverso") == sum(row.differs for row in rows.values())
