"""Pages of people and of what is held, agreed, asked and sent. Each module registers at the site."""

from members.admin import apart as apart
from members.admin import archive_reading as archive_reading
from members.admin import blocks as blocks
from members.admin import consents as consents
from members.admin import destruction as destruction
from members.admin import destruction_due as destruction_due
from members.admin import dormancy as dormancy
from members.admin import enquiries as enquiries
from members.admin import flags as flags
from members.admin import forecast as forecast
from members.admin import holds as holds
from members.admin import identity_checks as identity_checks
from members.admin import imports as imports
from members.admin import mail as mail
from members.admin import people as people
from members.admin import rejoin_lift as rejoin_lift
from members.admin import requests as requests
from members.admin import reveal_source as reveal_source
from members.admin import withdrawals as withdrawals
