"""Alleanze di quartiere, from the call to the last euro: each step by the right person."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from quartieri.kit.clock import rome
from tests.browser.company import Company
from tests.browser.neighbourhood import COURTYARD, MARKET, RADIO
from tests.browser.pages.applications import Application
from tests.browser.pages.calls import CallEditor
from tests.browser.pages.campaigns import Backer, CampaignDesk, CampaignOffice
from tests.browser.pages.money import GrantPage
from tests.browser.pages.office import Checks, Commission, Desk, Rankings
from tests.browser.pages.person import Person
from tests.browser.site import Site

CALL = "Crowdfunding civico 2024/2025 - Alleanze di quartiere"
LINE = "E Alleanze di quartiere"
ENDOWMENT_CENTS = 600_000_00
OPENS = rome(date(2025, 2, 3), time(8, 0))
CLOSES = rome(date(2025, 3, 7), time(12, 0))


class Journey:
    """The people, the clock, and the addresses that one step hands to the next."""

    def __init__(self, company: Company, site: Site) -> None:
        """Begin on the first day."""
        self.company, self.site = company, site
        self.visitor = company.visitor()
        self.lucia = company.visitor()
        self.office = ""
        self.public = ""
        self.ranking = ""
        self.project = ""
        self.starts_at = OPENS
        self.courtyard = Application(self.lucia, COURTYARD, looked=True)
        self.market = Application(company["citizen"], MARKET)
        self.radio = Application(company["citizen2"], RADIO)

    def refused(self, address: str, *keys: str) -> None:
        """Expect that a page is closed to these people, and to visitors."""
        people: list[Person] = [self.company[key] for key in keys]
        for person in [*people, self.visitor]:
            assert person.is_refused(address), f"{person.email or 'a visitor'} may open {address}"

    def run(self) -> None:
        """Walk the whole way."""
        self.publish_the_call()
        self.apply()
        self.check()
        self.evaluate()
        self.rank()
        self.prepare_the_campaigns()
        self.pledge()
        self.close()
        self.pay()

    # -- 1 -------------------------------------------------------------------------------------

    def publish_the_call(self) -> None:
        """Make the call from the template; what the city never published is asked for."""
        self.visitor.open("/")
        self.visitor.look("home, no call")
        manager = self.company["manager"]
        editor = CallEditor(manager)
        editor.start("alleanze-2024")
        self.office = editor.address
        editor.review()
        manager.look("office: what the call lacks")
        manager.sees("The call cannot be published yet. Each line below leads to its place.")
        manager.sees("There are no evaluation criteria.")
        manager.sees_not("Publish the call")
        self.refused(f"{self.office}/review", "officer", "treasurer", "citizen")
        editor.identity()
        editor.sessions((OPENS, CLOSES))
        editor.as_the_template_says("who")
        editor.as_the_template_says("application")
        editor.evaluation([("Utile", 40), ("Nuova", 30), ("Duratura", 30)], minimum=50)
        editor.campaign(LINE, ENDOWMENT_CENTS)
        editor.publish("DD-1")
        manager.look("office: call published")
        assert "600.000,00 €" in manager.text()
        manager.follow(LINE)
        manager.look("office: level of the programme")
        assert "600.000,00 €" in manager.text()
        manager.open("/manage/programmes")
        manager.look("office: programmes")
        self._see_it_everywhere()

    def _see_it_everywhere(self) -> None:
        visitor = self.visitor
        visitor.open("/")
        visitor.look("home, a call")
        visitor.sees(CALL)
        visitor.follow("Calls", within="header")
        visitor.look("calls")
        visitor.follow(CALL)
        self.public = visitor.page.url
        visitor.look("call")
        for text in ("600.000", "venerdì 7 marzo 2025, ore 12:00", "Utile", "50"):
            visitor.sees(text)

    # -- 2 -------------------------------------------------------------------------------------

    def apply(self) -> None:
        """Register and apply in two goes; two others apply as well."""
        lucia = self.lucia
        lucia.register("Lucia Lombardi", "lucia@example.org")
        application = self.courtyard
        application.start(self.public)
        application.save_section("summary")
        self.refused(application.address, "citizen", "officer", "manager")
        lucia.sign_out()
        lucia.sign_in()
        application.open()
        application.look("draft, taken up again")
        lucia.sees(COURTYARD.title)
        application.write()
        application.submit()
        lucia.sees(application.number)
        lucia.sees("Session")
        assert any(application.number in letter for letter in lucia.letters())
        for other in (self.market, self.radio):
            other.start(self.public)
            other.write()
            other.submit()

    # -- 3 -------------------------------------------------------------------------------------

    def check(self) -> None:
        """Ask one for more, exclude one with the reason, admit the others."""
        self.site.go_to(CLOSES + timedelta(hours=21))
        self.visitor.open(self.public)
        self.visitor.look("call, closed")
        officer = self.company["officer"]
        checks = Checks(officer, self.office)
        checks.start()
        checks.ask(self.courtyard.number, "Manca l'impegno a costituire l'aggregazione.")
        self.refused(officer.page.url, "citizen", "member", "treasurer")
        assert any("aggregazione" in letter for letter in self.lucia.letters())
        self.courtyard.answer("Ecco l'impegno firmato da tutti.")
        self.courtyard.look("application, answered")
        checks.open(self.courtyard.number)
        officer.look("office: integration answered")
        officer.sees("Ecco l'impegno firmato da tutti.")
        checks.admit(self.courtyard.number)
        officer.look("office: admitted")
        checks.exclude(self.market.number, "L'impresa è di grandi dimensioni.")
        officer.look("office: excluded")
        checks.admit(self.radio.number)
        self.market.open()
        self.market.person.look("application excluded")
        assert any("grandi dimensioni" in text for text in self.market.person.letters())
        checks.end()

    # -- 4 -------------------------------------------------------------------------------------

    def evaluate(self) -> None:
        """Share out the applications; one reviewer abstains; the others score."""
        secretary = self.company["secretary"]
        commission = Commission(secretary, self.office)
        commission.open()
        self.refused(secretary.page.url, "citizen", "member", "officer")
        commission.share_out(2)
        tied = Desk(self.company["member2"])
        title = tied.titles()[0]
        tied.declare_conflict(title, "Sono parente di chi presenta il progetto.")
        tied.person.look("review: conflict declared")
        signer = self.company["signer"]
        signer.open("/manage/conflicts")
        signer.look("office: conflicts of interest")
        signer.fill({"reason": "Il legame è stretto."})
        signer.press("The reviewer abstains")
        commission.replace(title)
        points = {COURTYARD.title: [36, 27, 24], RADIO.title: [30, 20, 20]}
        for n, key in enumerate(("chair", "member", "member2")):
            desk = Desk(self.company[key], looked=n == 0)
            if n == 0:
                desk.titles()
                desk.person.look("review: desk")
            for given in desk.titles():
                if not (key == "member2" and given == title):
                    desk.score(given, points[given], "Convincente e ben scritta.")

    # -- 5 -------------------------------------------------------------------------------------

    def rank(self) -> None:
        """Compute and publish; each selected project's most is reserved."""
        manager = self.company["manager"]
        rankings = Rankings(manager, self.office)
        rankings.compute()
        self.refused(manager.page.url, "citizen", "member", "secretary")
        self.ranking = rankings.publish("DD-2")
        manager.look("office: ranking, published")
        visitor = self.visitor
        visitor.open(self.ranking)
        visitor.look("ranking")
        visitor.sees(
            "Admitted to crowdfunding, up to %(amount)s if the target is reached",
            amount="10.000 €",
        )
        visitor.sees_not(MARKET.title)
        visitor.sees_not("Ammesso e finanziato")
        answer = visitor.page.request.get(f"{visitor.page.url.split('?')[0]}.json")
        assert answer.ok
        assert "22.000,00 €" in visitor.open(self.public).text()
        self.lucia.open(self.courtyard.address)
        self.lucia.look("application selected")

    # -- 6 -------------------------------------------------------------------------------------

    def prepare_the_campaigns(self) -> None:
        """Write both pages; a target below the rule's is refused; the manager schedules them."""
        courtyard = CampaignDesk(self.lucia, COURTYARD.title, looked=True)
        courtyard.lower_the_target("9.999,99")
        self.lucia.look("campaign: target too low", reload=False)
        courtyard.complete({"Una pianta col tuo nome": 50, "La festa": 100})
        self.refused(self.lucia.page.url, "citizen", "manager")
        CampaignDesk(self.company["citizen2"], RADIO.title).complete({})
        manager = self.company["manager"]
        manager.open("/manage/campaigns")
        manager.look("office: campaigns")
        office = CampaignOffice(manager, COURTYARD.title)
        office.open()
        manager.look("office: campaign to approve")
        self.starts_at = self.site.clock.now() + timedelta(days=1)
        for title in (COURTYARD.title, RADIO.title):
            CampaignOffice(manager, title).approve(self.starts_at)
            manager.sees("The campaign is scheduled.")
        courtyard.open()
        self.lucia.follow("See the page")
        self.project = self.lucia.page.url
        self.visitor.open(self.project)
        self.visitor.look("project, scheduled")
        self.visitor.sees_not("Back this project")

    # -- 7 -------------------------------------------------------------------------------------

    def pledge(self) -> None:
        """Back it with an account and as guests: saved, declined, second factor, offline."""
        self.site.go_to(self.starts_at + timedelta(hours=1))
        visitor = self.visitor
        visitor.open("/")
        visitor.look("home, a campaign")
        visitor.follow("Projects", within="header")
        visitor.look("projects")
        visitor.follow(COURTYARD.title)
        visitor.look("project, just begun")
        self._back_online()
        self._back_offline()
        visitor.open(self.project)
        visitor.look("project, target promised")
        visitor.sees("10.500 €")
        visitor.sees("Nadia Neri")
        self.refuse_a_reviewer()

    def _back_online(self) -> None:
        sonia = Backer(self.company["backer"], looked=True)
        sonia.begin(self.project, 4_000, "Sonia Sostenitrice")
        sonia.card("succeeds")
        sonia.look("pledge: card saved")
        sonia.counts()
        sonia.look("pledge: counts")
        sonia.person.open("/account/pledges")
        sonia.look("my pledges")
        guest = Backer(self.company.visitor())
        guest.begin(self.project, 3_000, "Nadia Neri", "nadia@example.org")
        guest.card("declined")
        guest.person.sees("The card was declined. You can choose again, or go back.")
        guest.card("succeeds")
        guest.counts()
        assert any("Nadia" in letter or "3.000" in letter for letter in guest.person.letters())
        careful = Backer(self.company.visitor(), looked=True)
        careful.begin(self.project, 2_000, "Bruno Bianchi", "bruno@example.org")
        careful.card("second_factor")
        careful.says_yes()
        careful.counts()
        self.unlucky = Backer(self.company.visitor(), looked=True)
        self.unlucky.looked = False
        self.unlucky.begin(self.project, 1_000, "Ugo Verdi", "ugo@example.org")
        self.unlucky.card("refused_later")
        self.unlucky.counts()
        lonely = Backer(self.company.visitor())
        lonely.person.open("/projects")
        lonely.person.follow(RADIO.title)
        lonely.begin(lonely.person.page.url, 20, "Rosa Radio", "rosa@example.org")
        lonely.card("succeeds")
        lonely.counts()
        self.lonely = lonely

    def _back_offline(self) -> None:
        first = CampaignOffice(self.company["officer"], COURTYARD.title)
        first.record_offline(500, "Bar Sport")
        first.person.sees("another person confirms it")
        first.person.look("office: campaign, offline pledge recorded")
        second = CampaignOffice(self.company["officer2"], COURTYARD.title)
        second.confirm_offline()
        second.person.sees("The pledge counts now.")

    def refuse_a_reviewer(self) -> None:
        """Expect that who evaluated in this session cannot back its projects."""
        member = self.company["member"]
        member.open(f"{self.project}/pledge/data?amount=20")
        member.fill({"name": "Carlo", "consent": True})
        member.press("Go on to save your card", status=403)
        member.sees("You evaluated applications in this session, so you cannot back its projects.")
        member.look("refused", reload=False)

    # -- 8 -------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let the deadline pass: counted, then collected, then decided; each is told."""
        ends = self.starts_at + timedelta(days=60)
        self.site.clock.set(ends + timedelta(minutes=1))
        self.visitor.open(self.project)
        self.visitor.look("project, being counted")
        self.visitor.sees_not("Back this project")
        self.site.work()
        self.visitor.open(self.project)
        self.visitor.look("project, collecting")
        assert "9.500" in self.visitor.text()
        self.unlucky.looked = True
        self.unlucky.pay_in_person("1.000 €")
        self.site.go_to(ends + timedelta(hours=2))
        self.visitor.open(self.project)
        self.visitor.look("project, succeeded")
        self.visitor.sees("Target reached")
        self.lonely.person.open(self.lonely.address)
        self.lonely.person.sees("You are not charged")
        self.lonely.person.look("pledge: released")
        assert any("Radio" in letter for letter in self.lonely.person.letters())
        sonia = self.company["backer"]
        assert any(COURTYARD.title in letter for letter in sonia.letters())
        desk = CampaignDesk(self.lucia, COURTYARD.title)
        desk.open()
        self.lucia.look("campaign: succeeded")

    # -- 9 -------------------------------------------------------------------------------------

    def pay(self) -> None:
        """Grant by act, sign, request, approve, order and pay: three people; show the figures."""
        officer, manager = self.company["officer"], self.company["manager"]
        treasurer = self.company["treasurer"]
        grant = GrantPage(officer, COURTYARD.title)
        grant.record_act("DD-3")
        grant.record_agreement()
        officer.look("office: grant agreed")
        for kind, amount in (("advance", "5.000"), ("balance", "5.000")):
            grant.request(kind, amount)
            assert grant.open().person.page.get_by_role("button", name="Approva").count() == 0
            GrantPage(manager, COURTYARD.title).approve()
            GrantPage(treasurer, COURTYARD.title).order_and_pay(f"CRO {kind}")
            if kind == "advance":
                grant.approve_report()
        grant.open()
        officer.look("office: grant paid")
        payout = CampaignOffice(treasurer, COURTYARD.title)
        payout.open()
        treasurer.look("office: campaign, to be paid out")
        self._figures()

    def _figures(self) -> None:
        visitor, officer = self.visitor, self.company["officer"]
        visitor.open(self.public)
        visitor.look("call, at its end")
        visitor.follow("Follow each euro of this call")
        visitor.look("money of the call")
        for figure in ("600.000,00 €", "10.000,00 €", "590.000,00 €"):
            assert figure in visitor.text(), figure
        visitor.sees_not("Sonia")
        visitor.open("/money")
        visitor.look("money")
        officer.open(self.office)
        officer.look("office: call, at its end")
        visitor.open("/")
        visitor.look("home, at the end")


@pytest.mark.journey
def test_alleanze_from_the_call_to_the_last_euro(company: Company, site: Site, kind: str) -> None:
    """Once with a mouse and looked at, once by keyboard alone."""
    company.by_keyboard = kind == "postgresql"
    Journey(company, site).run()
