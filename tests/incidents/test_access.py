"""Every address of the desk, as everybody: an explicit table of what each of them gets."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.exclusions.commands import ask_for
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, DateChange
from servicedesk.partners.meetings import commands as meetings
from servicedesk.people.models import Partner
from servicedesk.setup.snapshot import directory
from servicedesk.spreadsheet import drafts, mapping, shelf
from tests.cast import Desk, Visitor, at
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")

WHO = ("stranger", "emi", "taro", "ito", "sato", "ueda", "kim", "park", "root")

# The incident N is Emi's; Ito handed it to NetOne, where Kim is; Taro asks for nothing, Ueda is
# the manager, Park another partner's, Root the admin. What is sent stands behind the address.
TABLE = """
                                                     stranger  emi taro ito sato ueda kim park root
GET  /                                                    302  302 302 302 302 302 302 302 302
GET  /healthz                                             200  200 200 200 200 200 200 200 200
GET  /readyz                                              200  200 200 200 200 200 200 200 200
GET  /metrics                                             200  200 200 200 200 200 200 200 200
GET  /static/desk.css                                     200  200 200 200 200 200 200 200 200
GET  /sign-in                                             200  303 303 303 303 303 303 303 303
POST /sign-in                                             422  303 303 303 303 303 303 303 303
POST /sign-out                                            303  303 303 303 303 303 303 303 303
POST /preferences                                         303  303 303 303 303 303 303 303 303
POST /language                                            303  303 303 303 303 303 303 303 303
GET  /forgot                                              200  200 200 200 200 200 200 200 200
POST /forgot                                              422  422 422 422 422 422 422 422 422
GET  /invitation/TOKEN                                    303  303 303 303 303 303 303 303 303
GET  /reset/TOKEN                                         303  303 303 303 303 303 303 303 303
GET  /password                                            410  410 410 410 410 410 410 410 410
POST /password                                            410  410 410 410 410 410 410 410 410
GET  /profile                                             302  200 200 200 200 200 200 200 200
POST /profile?language=en                                 302  303 303 303 303 303 303 303 303
POST /profile/password                                    302  422 422 422 422 422 422 422 422
POST /profile/back                                        302  303 303 303 303 303 303 303 303
POST /profile/channels?hour=8                             302  303 303 303 303 303 303 303 303
POST /profile/calm?quiet=none                             302  303 303 303 303 303 303 303 303
GET  /profile/messages                                    302  200 200 200 200 200 200 200 200
GET  /people/all                                          302  404 404 404 404 404 404 404 200
GET  /people/all/taro                                     302  404 404 404 404 404 404 404 200
POST /people/all/taro?language=en                         302  404 404 404 404 404 404 404 303
POST /people/all/taro/invite                              302  404 404 404 404 404 404 404 303
POST /people/all/taro/disable                             302  404 404 404 404 404 404 404 303
POST /people/all/taro/enable                              302  404 404 404 404 404 404 404 303
POST /people/invite                                       302  404 404 404 404 404 404 404 303
GET  /people/import                                       302  404 404 404 404 404 404 404 200
POST /people/import                                       302  404 404 404 404 404 404 404 422
POST /people/import/apply?packed=x                        302  404 404 404 404 404 404 404 400

GET  /home                                                302  200 200 200 200 200 404 404 200
GET  /incidents/new                                       302  200 200 200 200 200 404 404 200
POST /incidents/new                                       302  422 422 422 422 422 404 404 422
GET  /people?q=e                                          302  404 404 200 200 404 404 404 404

GET  /search?q=network                                    302  200 200 200 200 200 200 200 200
GET  /log                                                 302  404 404 200 200 404 404 404 404
POST /log?caller=emi&channel=phone                        302  404 404 303 303 404 404 404 404
GET  /log/N                                               302  404 404 200 200 404 404 404 404
POST /log/N                                               302  404 404 422 422 404 404 404 404
POST /log/N/same?of=99                                    302  404 404 400 400 404 404 404 404
GET  /templates                                           302  404 404 200 200 404 404 404 404
GET  /templates/new                                       302  404 404 200 200 404 404 404 404
POST /templates/new                                       302  404 404 422 422 404 404 404 404
GET  /templates/1                                         302  404 404 404 404 404 404 404 404
POST /templates/1                                         302  404 404 404 404 404 404 404 404
POST /templates/1/retire                                  302  404 404 404 404 404 404 404 404

GET  /incidents                                           302  302 302 200 200 200 404 404 302
GET  /incidents.csv                                       302  404 404 200 200 200 404 404 404
GET  /incidents/N                                         302  200 404 200 200 200 404 404 404
GET  /incidents/N/preview                                 302  404 404 200 200 200 404 404 404
GET  /files/FILE/router.txt                               302  200 404 200 200 200 404 404 404
GET  /incidents/N/nothing                                 302  404 404 404 404 404 404 404 404
GET  /incidents/N/clocks/response                         302  200 404 200 200 200 404 404 404
GET  /incidents/N/clocks/resolution                       302  200 404 200 200 200 404 404 404
GET  /incidents/N/clocks/requested                        302  200 404 200 200 200 404 404 404
GET  /incidents/N/clocks/promised.json                    302  200 404 200 200 200 404 404 404
GET  /incidents/N/clocks/holding-desk                     302  404 404 200 200 200 404 404 404
GET  /incidents/N/clocks/holding-netone                   302  404 404 200 200 200 200 404 404
GET  /incidents/N/clocks/acceptance-netone-1              302  404 404 200 200 200 200 404 404
GET  /incidents/N/clocks/answer-netone-1.json             302  404 404 200 200 200 200 404 404
GET  /incidents/N/clocks/holding-desk.json                302  404 404 200 200 200 404 404 404
GET  /incidents/N/clocks/answer-netone-2                  302  404 404 404 404 404 404 404 404
GET  /incidents/N/clocks/nothing                          302  404 404 404 404 404 404 404 404

POST /incidents/N/reply?body=Hello                        302  303 404 303 303 403 404 404 404
POST /incidents/N/note?body=Hello                         302  403 404 303 303 303 404 404 404
POST /incidents/N/take                                    302  403 404 303 303 403 404 404 404
POST /incidents/N/resume                                  302  403 404 303 409 403 404 404 404
POST /incidents/N/close                                   302  409 404 403 403 403 404 404 404
GET  /incidents/N/dates/DATE/promised                     302  200 404 403 403 403 404 404 404
GET  /incidents/N/dates/DATE/requested                    302  404 404 403 403 403 404 404 404
POST /incidents/N/dates/DATE/promised?answer=accept       302  303 404 403 403 403 404 404 404
POST /incidents/N/dates/DATE/requested?answer=accept      302  404 404 403 403 403 404 404 404

GET  /incidents/N/wish                                    302  200 404 200 200 403 404 404 404
GET  /incidents/N/cancel                                  302  200 404 200 200 403 404 404 404
GET  /incidents/N/reopen                                  302  200 404 200 200 403 404 404 404
GET  /incidents/N/hold                                    302  403 404 200 200 403 404 404 404
GET  /incidents/N/resolve                                 302  403 404 200 200 403 404 404 404
GET  /incidents/N/promise                                 302  403 404 200 200 403 404 404 404
GET  /incidents/N/priority                                302  403 404 200 200 403 404 404 404
GET  /incidents/N/service                                 302  403 404 200 200 403 404 404 404
GET  /incidents/N/assign                                  302  403 404 200 200 403 404 404 404
POST /incidents/N/wish                                    302  422 404 422 422 403 404 404 404
POST /incidents/N/resolve                                 302  403 404 422 422 403 404 404 404
POST /incidents/N/assign                                  302  403 404 422 422 403 404 404 404

GET  /incidents/N/continue                                302  200 404 200 200 403 404 404 404
POST /incidents/N/continue                                302  422 404 422 422 403 404 404 404
POST /incidents/N/continue?text=Again                     302  409 404 409 409 403 404 404 404
GET  /approvals                                           302  200 200 200 200 200 404 404 200
GET  /approvals/N                                         302  404 404 404 404 404 404 404 404
POST /approvals/N?answer=approve                          302  404 404 404 404 404 404 404 404
GET  /mail/set-aside                                      302  404 404 200 200 404 404 404 404
GET  /mail/set-aside/1                                    302  404 404 404 404 404 404 404 404
POST /mail/set-aside/1/away                               302  404 404 404 404 404 404 404 404
POST /mail/set-aside/1/new?person=emi                     302  404 404 404 404 404 404 404 404
POST /incidents/N/comments/1/answer                       302  404 404 409 409 404 404 404 404
GET  /handed/TOKEN                                        404  404 404 404 404 404 404 404 404
POST /handed/TOKEN                                        404  404 404 404 404 404 404 404 404
GET  /handed/TOKEN/files/FILE/router.txt                  404  404 404 404 404 404 404 404 404
GET  /approve/TOKEN                                       404  404 404 404 404 404 404 404 404
POST /approve/TOKEN                                       404  404 404 404 404 404 404 404 404
GET  /solved/TOKEN                                        404  404 404 404 404 404 404 404 404
POST /solved/TOKEN                                        404  404 404 404 404 404 404 404 404
GET  /responsibility/TOKEN                                404  404 404 404 404 404 404 404 404
POST /responsibility/TOKEN                                404  404 404 404 404 404 404 404 404
POST /incidents/N/acknowledge                             302  404 404 303 303 303 404 404 404
GET  /date/TOKEN                                          404  404 404 404 404 404 404 404 404
POST /date/TOKEN                                          404  404 404 404 404 404 404 404 404

GET  /incidents/N/hand-off                                302  404 404 200 200 404 404 404 404
POST /incidents/N/hand-off                                302  404 404 422 422 404 404 404 404
GET  /incidents/N/hand-offs                               302  404 404 200 200 200 404 404 404
GET  /incidents/N/hand-offs/1/accept                      302  404 404 302 302 404 302 302 404
POST /incidents/N/hand-offs/1/accept                      302  404 404 403 403 404 303 404 404
GET  /incidents/N/hand-offs/1/answer                      302  404 404 200 200 404 200 404 404
POST /incidents/N/hand-offs/1/answer?body=Done            302  404 404 403 403 404 303 404 404
GET  /incidents/N/hand-offs/1/send-back                   302  404 404 200 200 404 200 404 404
POST /incidents/N/hand-offs/1/send-back?body=No           302  404 404 403 403 404 303 404 404
GET  /incidents/N/hand-offs/1/recall                      302  404 404 200 200 404 404 404 404
GET  /incidents/N/hand-offs/1/ask                         302  404 404 200 200 404 200 404 404
POST /incidents/N/hand-offs/1/ask?body=Which              302  404 404 403 403 404 303 404 404
GET  /incidents/N/hand-offs/1/reply                       302  404 404 200 200 404 404 404 404
POST /incidents/N/hand-offs/1/reply?body=That             302  404 404 422 422 404 404 404 404
GET  /incidents/N/hand-offs/1/nudge                       302  404 404 303 303 404 404 404 404
POST /incidents/N/hand-offs/1/nudge                       302  404 404 303 303 404 404 404 404
GET  /incidents/N/hand-offs/1/refuse-answer               302  404 404 200 200 404 404 404 404
POST /incidents/N/hand-offs/1/refuse-answer?body=No       302  404 404 422 422 404 404 404 404
GET  /incidents/N/hand-offs/1/ticket                      302  404 404 200 200 404 404 404 404
POST /incidents/N/hand-offs/1/ticket?ticket=7             302  404 404 303 303 404 404 404 404
GET  /incidents/N/returns/1                               302  404 404 404 404 404 404 404 404
POST /incidents/N/returns/1?answer=allow                  302  404 404 404 404 404 404 404 404
GET  /incidents/N/work-requests/new                       302  404 404 200 200 404 404 404 404
POST /incidents/N/work-requests/new                       302  404 404 422 422 404 404 404 404
GET  /work-requests                                       302  404 404 200 200 404 200 200 404
GET  /work-requests/N/1                                   302  404 404 404 404 404 404 404 404
GET  /work-requests/N/1/finish                            302  404 404 404 404 404 404 404 404
POST /work-requests/N/1/accept                            302  404 404 404 404 404 404 404 404
POST /incidents/N/hand-offs/1/recall                      302  404 404 303 422 404 404 404 404
POST /incidents/N/hand-offs/1/write?body=Hello            302  404 404 303 303 404 303 404 404
GET  /chosen/take                                         302  404 404 302 302 404 404 404 404
POST /chosen/take                                         302  404 404 303 303 404 404 404 404
POST /chosen/take?chosen=INC-00000001                     302  404 404 200 200 404 404 404 404
POST /chosen/assign?chosen=INC-00000001                   302  404 404 200 200 404 404 404 404
POST /chosen/hand-off?chosen=INC-00000001                 302  404 404 200 200 404 404 404 404
POST /chosen/nudge?chosen=INC-00000001&step=do            302  404 404 400 400 404 404 404 404
GET  /chosen/done/0f0f0f                                  302  404 404 404 404 404 404 404 404
POST /chosen/done/0f0f0f/go-on                            302  404 404 404 404 404 404 404 404
GET  /inbox                                               302  404 404 404 404 404 200 200 404
GET  /hand-offs/N/1                                       302  404 404 404 404 404 200 404 404
POST /hand-offs/N/1/ticket?ticket=K-1                     302  404 404 404 404 404 303 404 404

GET  /company                                             302  404 404 404 404 404 404 404 404
GET  /company/add                                         302  404 404 404 404 404 404 404 404
POST /company/add                                         302  404 404 404 404 404 404 404 404
POST /company/people/kim/disable                          302  404 404 404 404 404 404 404 404

GET  /incidents/N/exclusions/new                          302  404 404 200 200 404 404 404 404
POST /incidents/N/exclusions/new                          302  404 404 422 422 404 404 404 404
POST /incidents/N/exclusions/EXCLUSION/withdraw           302  404 404 303 409 404 404 404 404
GET  /exclusions                                          302  404 404 404 200 200 404 404 404
GET  /exclusions/N/EXCLUSION                              302  404 404 404 200 200 404 404 404
POST /exclusions/N/EXCLUSION?answer=approve               302  404 404 404 409 303 404 404 404

GET  /partners                                            302  404 404 200 200 200 404 404 404
GET  /partners/netone                                     302  404 404 200 200 200 404 404 404
GET  /partners/netone/figures/partner.sent                302  404 404 200 200 200 404 404 404
GET  /partners/netone/hand-offs                           302  404 404 200 200 200 404 404 404
GET  /partners/netone/hand-offs.csv                       302  404 404 200 200 200 404 404 404
GET  /partners/netone/meetings                            302  404 404 200 200 200 404 404 404
POST /partners/netone/meetings                            302  404 404 400 400 400 404 404 404
GET  /partners/netone/meetings/1                          302  404 404 200 200 200 404 404 404
POST /partners/netone/meetings/1                          302  404 404 422 422 422 404 404 404
GET  /partners/netone/meetings/1/hold                     302  404 404 200 200 200 404 404 404
POST /partners/netone/meetings/1/hold                     302  404 404 409 409 409 404 404 404
GET  /partners/netone/meetings/1/discard                  302  404 404 200 200 200 404 404 404
POST /partners/netone/meetings/1/discard                  302  404 404 409 409 409 404 404 404
GET  /partners/netone/meetings/1/sheet.pdf?language=x     302  404 404 400 400 400 404 404 404
GET  /inbox/score                                         302  404 404 404 404 404 200 200 404
GET  /inbox/score/partner.sent                            302  404 404 404 404 404 200 200 404
GET  /inbox/meetings                                      302  404 404 404 404 404 200 200 404
GET  /inbox/meetings/netone/1                             302  404 404 404 404 404 200 404 404
GET  /inbox/meetings/netone/1/sheet.pdf?language=x        302  404 404 404 404 404 400 404 404

GET  /board                                               302  404 404 200 200 200 404 404 404
GET  /board/wishes?show=late                              302  404 404 200 200 200 404 404 404
GET  /board/hand-offs?sender=1&receiver=0                 302  404 404 200 200 200 404 404 404
GET  /board/flow?period=2026-11                           302  404 404 200 200 200 404 404 404
GET  /board/stays?holder=desk                             302  404 404 200 200 200 404 404 404
GET  /board/work-requests                                 302  404 404 200 200 200 404 404 404
GET  /group                                               302  404 404 302 302 302 404 404 404
GET  /group/desk                                          302  404 404 200 200 200 404 404 404
GET  /morning                                             302  404 404 200 200 200 404 404 404

GET  /oncall                                              302  404 404 200 200 200 404 404 404
GET  /oncall/desk                                         302  404 404 200 200 200 404 404 404
GET  /oncall/netone                                       302  404 404 404 404 404 404 404 404
GET  /oncall/desk/rota                                    302  404 404 403 200 200 404 404 404
POST /oncall/desk/rota?act=preview                        302  404 404 403 422 422 404 404 404
GET  /oncall/desk/take-over                               302  404 404 403 200 200 404 404 404
POST /oncall/desk/take-over                               302  404 404 403 422 422 404 404 404
GET  /oncall/desk/swap                                    302  404 404 200 200 200 404 404 404
POST /oncall/desk/swap                                    302  404 404 422 422 422 404 404 404
POST /oncall/change/1/withdraw                            302  404 404 404 404 404 404 404 404
POST /oncall/swap/1/agree                                 302  404 404 404 404 404 404 404 404
POST /oncall/feed/new                                     302  404 404 200 200 200 404 404 404
POST /oncall/feed/99/revoke                               302  404 404 404 404 404 404 404 404
GET  /oncall/feed/TOKEN.ics                               404  404 404 404 404 404 404 404 404

GET  /major                                               302  404 404 200 200 200 404 404 404
GET  /major/N                                             302  404 404 404 404 404 404 404 404
GET  /major/N/propose                                     302  404 404 200 200 200 404 404 404
POST /major/N/propose                                     302  404 404 422 422 422 404 404 404
GET  /major/N/confirm                                     302  404 404 403 409 409 404 404 404
POST /major/N/refuse                                      302  404 404 403 409 409 404 404 404
GET  /major/N/update                                      302  404 404 409 409 409 404 404 404
POST /major/N/stand-down                                  302  404 404 403 409 409 404 404 404
GET  /major/N/link                                        302  404 404 404 404 404 404 404 404
POST /major/N/link                                        302  404 404 404 404 404 404 404 404
POST /major/N/unlink                                      302  404 404 409 409 409 404 404 404
POST /major/N/me-too                                      302  404 404 404 404 404 404 404 404
GET  /major/N/review                                      302  404 404 404 404 404 404 404 404
POST /major/N/review                                      302  404 404 404 404 404 404 404 404
GET  /major/N/review.pdf                                  302  404 404 404 404 404 404 404 404

GET  /dashboard                                           302  404 404 404 200 200 200 200 404
GET  /dashboard?scope=group:network                       302  404 404 404 404 200 404 404 404
GET  /dashboard?scope=partner:netone                      302  404 404 404 404 200 200 404 404
GET  /dashboard/figures/handoffs                          302  404 404 404 200 200 200 200 404
GET  /dashboard/figures/backlog                           302  404 404 404 200 200 404 404 404
GET  /exports/incidents.csv                               302  404 404 200 200 200 404 404 404
GET  /exports/incidents.xlsx                              302  404 404 200 200 200 404 404 404
GET  /exports/my-incidents.csv                            302  200 200 200 200 200 404 404 200
GET  /exports/inbox.csv                                   302  404 404 404 404 404 200 200 404
GET  /exports/work-requests.csv                           302  404 404 200 200 404 200 200 404
GET  /exports/board-hand-offs.csv                         302  404 404 200 200 200 404 404 404
GET  /exports/board-stays.csv                             302  404 404 200 200 200 404 404 404
GET  /exports/board-work-requests.csv                     302  404 404 200 200 200 404 404 404
GET  /exports/board-wishes.csv                            302  404 404 200 200 200 404 404 404
GET  /exports/firings.csv                                 302  404 404 200 200 200 404 404 200
GET  /exports/people.csv                                  302  404 404 404 404 404 404 404 200
GET  /exports/messages.csv                                302  200 200 200 200 200 200 200 200
GET  /exports/search.csv                                  302  200 200 200 200 200 404 404 200
GET  /exports/search-hand-offs.csv                        302  404 404 404 404 404 200 200 404
GET  /exports/search-work-requests.csv                    302  404 404 404 404 404 200 200 404
GET  /exports/exclusions.csv                              302  404 404 404 200 200 404 404 404
GET  /exports/approvals.csv                               302  200 200 200 200 200 404 404 200
GET  /exports/set-aside-mail.csv                          302  404 404 200 200 404 404 404 404
GET  /exports/major-incidents.csv                         302  404 404 200 200 200 404 404 404
GET  /exports/partners.csv                                302  404 404 200 200 200 404 404 404
GET  /exports/reports.csv                                 302  404 404 404 404 200 404 404 404
GET  /exports/report-actions.csv                          302  404 404 404 404 200 404 404 404
GET  /exports/partners/netone/figures/partner.sent.csv    302  404 404 200 200 200 404 404 404
GET  /exports/score/netone/partner.sent.csv               302  404 404 404 404 404 200 404 404
GET  /exports/partners/netone/hand-offs.csv               302  404 404 200 200 200 404 404 404
GET  /exports/webhooks/none.csv                           302  404 404 404 404 404 404 404 404
GET  /exports/figures/2026-11/handoffs.csv                302  404 404 404 200 200 200 200 404
GET  /exports/figures/2026-10/handoffs.csv                302  404 404 404 404 200 404 404 404
GET  /exports/figures/2026-11/backlog.csv                 302  404 404 404 200 200 404 404 404
GET  /exports/reports/2026-10.xlsx                        302  404 404 404 404 200 404 404 404
GET  /reports                                             302  404 404 404 404 200 404 404 404
GET  /reports/definitions                                 302  404 404 404 200 200 200 200 404
GET  /reports/choose?period=2026-10                       302  404 404 404 404 302 404 404 404
GET  /reports/2026-10                                     302  404 404 404 404 200 404 404 404
GET  /reports/2026-10/figures/intake                      302  404 404 404 404 200 404 404 404
GET  /reports/2026-10/report.json                         302  404 404 404 404 200 404 404 404
GET  /reports/2026-10/report.pdf                          302  404 404 404 404 200 404 404 404
GET  /reports/2026-12/seal                                302  404 404 404 404 404 404 404 404
POST /reports/2026-12/seal                                302  404 404 404 404 400 404 404 404
GET  /reports/2026-10/remarks                             302  404 404 404 404 200 404 404 404
POST /reports/2026-10/remarks?comment=Well&version=0      302  404 404 404 404 303 404 404 404
GET  /reports/2026-10/files                               302  404 404 404 404 200 404 404 404
GET  /reports/2026-10/actions/new                         302  404 404 404 404 200 404 404 404
POST /reports/2026-10/actions/new                         302  404 404 404 404 422 404 404 404
GET  /reports/actions                                     302  404 404 404 404 200 404 404 404
GET  /reports/actions/99                                  302  404 404 404 404 404 404 404 404
POST /reports/actions/99                                  302  404 404 404 404 404 404 404 404
POST /reports/actions/99/done                             302  404 404 404 404 404 404 404 404
GET  /reports/approvals/99                                302  404 404 404 404 404 404 404 404
POST /reports/approvals/99?answer=approve                 302  404 404 404 404 404 404 404 404
POST /reports/approvals/99/again?approver=1                302  404 404 404 404 404 404 404 404
GET  /reports/approvals/99/report.pdf                     302  404 404 404 404 404 404 404 404
GET  /approve-report/TOKEN                                404  404 404 404 404 404 404 404 404
POST /approve-report/TOKEN?answer=approve                 404  404 404 404 404 404 404 404 404
GET  /approve-report/TOKEN/report.pdf                     404  404 404 404 404 404 404 404 404
GET  /reports/schedules                                   302  404 404 404 404 200 200 200 200
GET  /reports/schedules/none                              302  404 404 404 404 404 404 404 404
GET  /reports/schedules/files/9                           302  404 404 404 404 404 404 404 404
POST /reports/schedules/none/subscribe                    302  404 404 404 404 404 404 404 404
POST /reports/schedules/none/test                         302  404 404 404 404 404 404 404 404
POST /reports/schedules/none/run                          302  404 404 404 404 404 404 404 404
POST /reports/schedules/none/pause                        302  404 404 404 404 404 404 404 404
GET  /reports/schedules/none/edit                         302  404 404 404 404 404 404 404 404
POST /reports/schedules/none/edit                         302  404 404 404 404 404 404 404 404
GET  /reports/schedules/none/remove                       302  404 404 404 404 404 404 404 404
POST /reports/schedules/none/remove                       302  404 404 404 404 404 404 404 404
GET  /reports/new-schedule                                302  404 404 404 404 200 404 404 200
POST /reports/new-schedule                                302  404 404 404 404 422 404 404 422
GET  /rules                                               302  404 404 200 200 200 404 404 200
GET  /rules/today                                         302  404 404 200 200 200 404 404 200
GET  /rules/today?show=unsent                             302  404 404 200 200 200 404 404 200
POST /rules/messages/again                                302  404 404 404 404 303 404 404 303
GET  /rules/new                                           302  404 404 404 404 200 404 404 200
POST /rules/new?act=preview                               302  404 404 404 404 422 404 404 422
GET  /rules/none                                          302  404 404 404 404 404 404 404 404
GET  /rules/none/edit                                     302  404 404 404 404 404 404 404 404
POST /rules/none/edit                                     302  404 404 404 404 404 404 404 404
GET  /rules/none/retire                                   302  404 404 404 404 404 404 404 404
POST /rules/none/retire                                   302  404 404 404 404 404 404 404 404
GET  /rules/trial                                         302  404 404 404 404 200 404 404 200
POST /rules/trial?days=7                                  302  404 404 404 404 200 404 404 200
GET  /what-if                                             302  404 404 404 404 200 404 404 200
GET  /what-if.csv?try=targets&of=sla:standard&compare=1    302 404 404 404 404 200 404 404 200

GET  /admin/                                              302  404 404 404 404 404 404 404 200
GET  /admin/state                                         302  404 404 404 404 404 404 404 200
GET  /admin/desk.yaml                                     302  404 404 404 404 404 404 404 200
POST /admin/messages/again                                302  404 404 404 404 404 404 404 303
GET  /admin/calendars                                     302  404 404 404 404 404 404 404 200
GET  /admin/new-calendar                                  302  404 404 404 404 404 404 404 200
POST /admin/new-calendar                                  302  404 404 404 404 404 404 404 422
GET  /admin/calendars/office                              302  404 404 404 404 404 404 404 200
GET  /admin/calendars/office/preview                      302  404 404 404 404 404 404 404 200
GET  /admin/calendars/office/moved.csv                    302  404 404 404 404 404 404 404 200
GET  /admin/calendars/office/history                      302  404 404 404 404 404 404 404 200
POST /admin/calendars/office/publish                      302  404 404 404 404 404 404 404 409
GET  /admin/calendars/office/retire                       302  404 404 404 404 404 404 404 200
POST /admin/calendars/office/retire                       302  404 404 404 404 404 404 404 409
GET  /admin/groups                                        302  404 404 404 404 404 404 404 200
GET  /admin/partners                                      302  404 404 404 404 404 404 404 200
GET  /admin/partners/netone                               302  404 404 404 404 404 404 404 200
GET  /admin/partners/netone/edit                          302  404 404 404 404 404 404 404 200
POST /admin/groups/desk/edit?act=preview                  302  404 404 404 404 404 404 404 422
GET  /admin/new/groups                                    302  404 404 404 404 404 404 404 200
POST /admin/new/partners?act=preview                      302  404 404 404 404 404 404 404 422
GET  /admin/groups/desk/retire                            302  404 404 404 404 404 404 404 200
POST /admin/groups/desk/retire                            302  404 404 404 404 404 404 404 409
GET  /admin/reasons                                       302  404 404 404 404 404 404 404 200
POST /admin/reasons                                       302  404 404 404 404 404 404 404 200
GET  /admin/webhooks                                      302  404 404 404 404 404 404 404 200
GET  /admin/webhooks/none                                 302  404 404 404 404 404 404 404 404
GET  /admin/webhooks/none/address                         302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/address                         302  404 404 404 404 404 404 404 404
GET  /admin/webhooks/none/secret                          302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/secret                          302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/test                            302  404 404 404 404 404 404 404 404
GET  /admin/webhooks/none/off                             302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/off                             302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/on                              302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/again                           302  404 404 404 404 404 404 404 404
GET  /admin/webhooks/none/forget                          302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/forget                          302  404 404 404 404 404 404 404 404
GET  /admin/new-webhook                                   302  404 404 404 404 404 404 404 200
POST /admin/new-webhook?act=preview                       302  404 404 404 404 404 404 404 422
GET  /admin/webhooks/none/edit                            302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/edit                            302  404 404 404 404 404 404 404 404
GET  /admin/webhooks/none/remove                          302  404 404 404 404 404 404 404 404
POST /admin/webhooks/none/remove                          302  404 404 404 404 404 404 404 404
GET  /admin/agreements                                    302  404 404 404 404 404 404 404 200
GET  /admin/agreements/feasibility                        302  404 404 404 404 404 404 404 200
GET  /admin/new-agreement                                 302  404 404 404 404 404 404 404 200
POST /admin/new-agreement?act=preview                     302  404 404 404 404 404 404 404 422
GET  /admin/agreements/sla/standard                       302  404 404 404 404 404 404 404 200
GET  /admin/agreements/ola/desk/edit                      302  404 404 404 404 404 404 404 200
POST /admin/agreements/ola/desk/edit?act=preview          302  404 404 404 404 404 404 404 200
GET  /admin/agreements/services/internet                  302  404 404 404 404 404 404 404 200
POST /admin/agreements/services/internet?agreement=round  302  404 404 404 404 404 404 404 200
GET  /admin/agreements/sla/standard/retire                302  404 404 404 404 404 404 404 200
POST /admin/agreements/sla/standard/retire                302  404 404 404 404 404 404 404 409
GET  /admin/agreements/uc/netone/apply                    302  404 404 404 404 404 404 404 200
GET  /admin/agreements/uc/netone/apply.csv                302  404 404 404 404 404 404 404 200
POST /admin/agreements/uc/netone/apply?version=9          302  404 404 404 404 404 404 404 409

GET  /move-in                                             302  404 404 404 404 404 404 404 200
POST /move-in                                             302  404 404 404 404 404 404 404 422
GET  /move-in/DRAFT                                       302  404 404 404 404 404 404 404 303
GET  /move-in/DRAFT/sheet                                 302  404 404 404 404 404 404 404 200
POST /move-in/DRAFT/sheet?sheet=0&head=1                  302  404 404 404 404 404 404 404 303
GET  /move-in/DRAFT/columns                               302  404 404 404 404 404 404 404 200
POST /move-in/DRAFT/columns                               302  404 404 404 404 404 404 404 422
GET  /move-in/DRAFT/values                                302  404 404 404 404 404 404 404 200
POST /move-in/DRAFT/values                                302  404 404 404 404 404 404 404 303
GET  /move-in/DRAFT/preview                               302  404 404 404 404 404 404 404 200
POST /move-in/DRAFT/preview                               302  404 404 404 404 404 404 404 400
GET  /move-in/DRAFT/rest.csv                              302  404 404 404 404 404 404 404 200
POST /move-in/DRAFT/discard                               302  404 404 404 404 404 404 404 303
POST /move-in/mappings/1/forget                           302  404 404 404 404 404 404 404 303
"""


@dataclass(frozen=True)
class Line:
    """What everybody gets at one address."""

    method: str
    address: str
    statuses: tuple[int, ...]


def lines() -> list[Line]:
    read = [line.split() for line in TABLE.strip().splitlines()[1:] if line.strip()]
    return [Line(said[0], said[1], tuple(map(int, said[2:]))) for said in read]


@pytest.fixture
def address(desk: Desk, clock: Clock) -> dict[str, str]:
    """Emi's incident, where it stands in addresses."""
    file = Upload("router.txt", BytesIO(b"blinks red"))
    n = desk.log(wish=Due(at=at("Fri 17:00")), uploads=(file,))
    later = Due(at=at("Mon 17:00"))
    desk.do(commands.promise, n, later, by="ito", when="09:30", reason="The part comes then")
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    promised = desk.rows(DateChange, n)[-1].n
    out = Wanted(at("09:10"), at("09:40"), ("resolution",))
    asked = desk.do(ask_for, n, out, "The building was closed", by="ito", when="10:30")
    found = {"N": f"INC-{n:08d}", "DATE": str(promised), "DRAFT": uploaded(desk)}
    found["EXCLUSION"] = str(asked)
    meet(desk)
    return found | {"FILE": str(desk.rows(Attachment, n)[0].id)}


def meet(desk: Desk) -> None:
    """Hold a meeting with NetOne."""
    with desk.session() as session:
        netone = session.scalars(sa.select(Partner.id).where(Partner.key == "netone")).one()
    desk.call(meetings.open_meeting, netone, at("09:00").date(), by="ito", when="11:00")
    desk.call(meetings.hold, netone, 1, by="ito", when="11:00", version=1)


def uploaded(desk: Desk) -> str:
    """Have Root upload a ledger of which nothing fits, and plan it; gives its token."""
    with desk.session() as session:
        draft = drafts.create("ledger.csv", b"No,Date\n1,x\n", desk.id("root"), at("14:00"))
        draft.mapping = mapping.guess(draft.source().heads, directory(session)).as_json()
        shelf.prepare(draft, session, at("14:00"))
        return draft.token


def filled(path: str, address: dict[str, str]) -> str:
    return "/".join(address.get(part, part) for part in path.split("/"))


def send(visitor: Visitor, line: Line, address: dict[str, str]) -> int:
    """Ask for it, and give the status of the answer."""
    path, _mark, said = line.address.partition("?")
    path = filled(path, address)
    post = line.method == "POST"
    with visitor.post(path, **pairs(said)) if post else visitor.get(f"{path}?{said}") as answer:
        return answer.status_code


def pairs(said: str) -> dict[str, str]:
    return dict(parse_qsl(said))


def somebody(desk: Desk, who: str) -> Visitor:
    return desk.visit(None if who == "stranger" else who)


GETS = [line for line in lines() if line.method == "GET"]
POSTS = [line for line in lines() if line.method == "POST"]


@pytest.mark.parametrize("who", WHO)
def test_everybody_sees_what_the_table_says(desk: Desk, address: dict[str, str], who: str) -> None:
    """§9: decided in one place by (person, act, record); default is no."""
    visitor, n = somebody(desk, who), WHO.index(who)
    got = {line.address: send(visitor, line, address) for line in GETS}
    assert got == {line.address: line.statuses[n] for line in GETS}


@pytest.mark.parametrize("line", POSTS, ids=lambda line: f"{line.method} {line.address}")
def test_everybody_does_what_the_table_says(
    desk: Desk, address: dict[str, str], line: Line
) -> None:
    """§9: one after the other, at the same incident."""
    got = {who: send(somebody(desk, who), line, address) for who in WHO}
    assert got == dict(zip(WHO, line.statuses, strict=True))


def test_no_address_is_missing_in_the_table(app: Flask) -> None:
    """§9: what is added to the desk says who may open it."""
    samples = {"N": "INC-00000001", "DATE": "2", "FILE": "1", "EXCLUSION": "1"}
    match = app.url_map.bind("desk.example").match
    there = set()
    for line in lines():
        path = filled(line.address.partition("?")[0], samples)
        rule, _values = match(path, line.method, return_rule=True)
        there.add((rule.rule, line.method))
    wanted = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert wanted - there == set()


def test_everybody_gets_to_their_first_page(desk: Desk) -> None:
    first = {who: desk.visit(who).get("/").location for who in WHO[1:]}
    assert first == {
        **dict.fromkeys(("emi", "taro", "root"), "/home"),
        **dict.fromkeys(("ito", "sato"), "/incidents"),
        "ueda": "/dashboard",
        **dict.fromkeys(("kim", "park"), "/inbox"),
    }


@pytest.mark.parametrize("who", ["emi", "ito", "ueda", "kim"])
def test_a_form_without_its_token_is_refused(desk: Desk, address: dict[str, str], who: str) -> None:
    """CSRF on every form: whoever sends it, and nothing changes."""
    version, client = desk.incident(1).version, desk.visit(who).client
    for line in lines():
        path, _mark, said = line.address.partition("?")
        if line.method == "POST":
            answer = client.post(filled(path, address), data=pairs(said))
            assert (line.address, answer.status_code) == (line.address, 400)
    assert desk.incident(1).version == version
