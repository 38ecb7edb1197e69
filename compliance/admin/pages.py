"""Pages of this app. A new module of pages is named here.

They register at the site when they are imported, so this happens after the site is there: the
site itself is built on modules of this package.
"""

from compliance.admin import certificates as certificates
from compliance.admin import notices as notices
from compliance.admin import paper as paper
from compliance.admin import policies as policies
from compliance.admin import promises as promises
from compliance.admin import rehearsal as rehearsal
from compliance.admin import restore as restore
from compliance.admin import services as services
from compliance.admin import staff as staff
from compliance.admin import trail as trail
from compliance.admin import verification as verification
from compliance.admin import work as work
