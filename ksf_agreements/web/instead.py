"""What a page says instead of a sentence that names a command: the same, by the page or the button where it is done.

The rules and services speak to everybody and know no entrance; the command line is the one that can be named in a word.
A sentence that is not here is said as it is. What only a command can do (`ksf verify`), and what stands in `ksf.toml`,
is named on pages too: whoever keeps the program does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ksf_agreements.text import T, Text

INSTEAD: Mapping[str, Text] = MappingProxyType(
    {
        # Versions and signatures.
        "Version {number} is over ({status}), and no other is open. Issue a new one with 'ksf renew'.": T(
            "Version {number} is over ({status}), and no other is open. Issue a new one under Renewal."
        ),
        "Nothing has been issued yet. Do it with 'ksf issue {cluster}'.": T(
            "Nothing has been issued yet. Do it under Issue for signing."
        ),
        "There is no version {number}. 'ksf status' shows which there are.": T(
            "There is no version {number}. The page of signatures shows which there are."
        ),
        "Version {number} has run out. Issue a new one with 'ksf renew'.": T(
            "Version {number} has run out. Issue a new one under Renewal."
        ),
        "No version is open for signing. Issue one with 'ksf issue {cluster}'.": T(
            "No version is open for signing. Issue one under Issue for signing."
        ),
        "{party} has signed version {number} already, on {day} (event {event}). If that is wrong, void it with "
        "'ksf void {event} --reason ...' and record the right one.": T(
            "{party} has signed version {number} already, on {day} (event {event}). If that is wrong, strike it out "
            "under Something was entered by mistake, and record the right one."
        ),
        "{party} has signed. A bound party leaves by notice: 'ksf notice'; before the agreement is in force it "
        "can be left out with 'ksf remove-party'.": T(
            "{party} has signed. A bound party leaves by notice, under Notice; before the agreement is in force it can "
            "be left out under Signatures."
        ),
        "Version {number} leaves nobody out, so there is nothing to confirm. A signature is recorded with "
        "'ksf sign'; somebody is left out with 'ksf remove-party'.": T(
            "Version {number} leaves nobody out, so there is nothing to confirm. Signatures are recorded, and somebody "
            "left out, under Signatures."
        ),
        "Say who signed: --name.": T("Say who signed."),
        "Nothing was recorded: {reason} Look at the file. If the signature is right all the same, add --even-so; "
        "the file is kept with what was found.": T(
            "Nothing was recorded: {reason} Look at the file. If the signature is right all the same, record it even "
            "so; the file is kept with what was found."
        ),
        "No version is open for signing; a party that is bound leaves by notice: 'ksf notice'.": T(
            "No version is open for signing; a party that is bound leaves by notice, under Notice."
        ),
        "These have signed version {n}; their signatures count for the new one only when they confirm in "
        "writing that the agreement stands without {party} ('ksf confirm'), or sign anew: {signed}": T(
            "These have signed version {n}; their signatures count for the new one only when they confirm in writing "
            "that the agreement stands without {party}, which you record under Signatures, or sign anew: {signed}"
        ),
        "the text of the file is not what was sent (page {pages}). 'ksf compare {cluster} FILE' shows what differs.": T(
            "the text of the file is not what was sent (page {pages}). Read the two beside each other before you go on."
        ),
        "The file holds a national identity number ({where}). It does not belong in the register: get a copy without "
        "it, and remove this one with 'ksf erase {event} --reason \"...\"'.": T(
            "The file holds a national identity number ({where}). It does not belong in the register: get a copy "
            "without it. Whoever keeps the program removes this one with 'ksf erase {event}'."
        ),
        # Files that came back.
        "Ask for a copy without it. If the number must be there, record the signature yourself with "
        "'ksf sign --file'.": T(
            "Ask for a copy without it. If the number must be there, record the signature yourself under Signatures."
        ),
        "Scan it anew at 200 dots per inch or more, or record the signature yourself with 'ksf sign --file'.": T(
            "Scan it anew at 200 dots per inch or more, or record the signature yourself under Signatures."
        ),
        "See what differs with 'ksf compare {cluster} FILE'.": T(
            "Read it beside what was sent, clause by clause, and ask the sender."
        ),
        "Look at it. If somebody has signed it on the screen, record that with 'ksf sign --file'.": T(
            "Look at it. If somebody has signed it on the screen, record that under Signatures."
        ),
        "If somebody has signed it on the screen, record that with 'ksf sign --file'.": T(
            "If somebody has signed it on the screen, record that under Signatures."
        ),
        "If it was signed in time, record that with 'ksf sign {cluster} --version {number} --file'.": T(
            "If it was signed in time, record that under Signatures, for version {number}."
        ),
        "If what is recorded is wrong, void it with 'ksf void {event}', and take the file in again.": T(
            "If what is recorded is wrong, strike out event {event} under Something was entered by mistake, and take "
            "the file in again."
        ),
        # Notices and accession.
        "A notice of {party} is running already, received on {day} (event {event}). It is taken back with "
        "'ksf withdraw-notice'; if it is wrong, void it with 'ksf void {event} --reason ...'.": T(
            "A notice of {party} is running already, received on {day} (event {event}). If it is taken back, record "
            "that under Notice; if it is wrong, strike it out under Something was entered by mistake."
        ),
        "The regional coordinator must get a copy (clause 12); record it with 'ksf notice ... --copied DATE'.": T(
            "The regional coordinator must get a copy (clause 12). Record it under Notice when it is sent."
        ),
        "{party} has no notice that is running. Record it first: --received DATE.": T(
            "{party} has no notice that is running. Record it first, under Notice."
        ),
        "The copy is recorded already, on {day}. If that is wrong, 'ksf log' shows the event, and 'ksf void' "
        "takes it out.": T(
            "The copy is recorded already, on {day}. If that is wrong, strike it out under Something was entered by "
            "mistake."
        ),
        "{party} is bound already on {day}. 'ksf why {cluster} {number}' shows from when and by what.": T(
            "{party} is bound already on {day}. The page of the agreement shows from when."
        ),
        "No approval of {party} is named (clause 5): --case.": T("No approval of {party} is named (clause 5)."),
        "The notice was received on {received}. Afterwards it can be taken back only with the written "
        "consent of all the other parties; these are lacking: {lacking}. Record them with --consent.": T(
            "The notice was received on {received}. Afterwards it can be taken back only with the written consent of "
            "all the other parties; these are lacking: {lacking}. Tick those who have consented."
        ),
        "This is the motor municipality: a new one must be found ('ksf change-motor').": T(
            "This is the motor municipality: a new one must be found, under Renewal."
        ),
        # What is changed, renewed and done every year.
        "Send the new list of contact persons to all parties: 'ksf generate' writes it.": T(
            "Send the new list of contact persons to all parties: it is made under Documents."
        ),
        "The cluster file has errors; 'ksf check' tells them.": T("The cluster file has errors; Fill in tells them."),
        "Nothing of that kind stands undone. If it is done all the same, say which with --period.": T(
            "Nothing of that kind stands undone. If it is done all the same, say which year."
        ),
        "Say why: --reason.": T("Say why."),
        "There is no event {number}. 'ksf log' shows them.": T(
            "There is no event {number}. The history on the page of the agreement shows them."
        ),
        "No agreement is in force, so there is nothing to renew. Use 'ksf issue'.": T(
            "No agreement is in force, so there is nothing to renew. A first version is made under Issue for signing."
        ),
        "No agreement has been in force, so there is nothing to renew. Use 'ksf issue'.": T(
            "No agreement has been in force, so there is nothing to renew. A first version is made under Issue for "
            "signing."
        ),
        "No agreement is in force, so there is nothing to amend. Use 'ksf issue' or 'ksf renew'.": T(
            "No agreement is in force, so there is nothing to amend."
        ),
        "Who continues {party} is settled already (event {event}). If that is wrong, void it with "
        "'ksf void {event} --reason ...' and record the right one.": T(
            "Who continues {party} is settled already (event {event}). If that is wrong, strike it out under Something "
            "was entered by mistake, and record the right one."
        ),
        "The agreement has ended. A new term is issued with 'ksf renew {cluster}'.": T(
            "The agreement has ended. A new term is issued under Renewal."
        ),
        "Version {n} is in force. A new term is issued with 'ksf renew'.": T(
            "Version {n} is in force. A new term is issued under Renewal."
        ),
        "Version {n} is in force. Changed in the cluster file: {what}. Use 'ksf amend', 'ksf accede', 'ksf renew' "
        "or 'ksf change-motor'; all bound parties must sign, and the old version binds until then.": T(
            "Version {n} is in force. Changed in the cluster file: {what}. Go on under Renewal or Accession; all bound "
            "parties must sign, and the old version binds until then."
        ),
        "What is changed needs no new signatures: {names}. Record it with 'ksf contacts', 'ksf focus-areas' or "
        "'ksf plan'.": T("What is changed needs no new signatures: {names}. Record it under Renewal."),
        "A renewal must end after the old term, which ends on {old}. Change valid_until in the cluster file, "
        "or name it with --until.": T(
            "A renewal must end after the old term, which ends on {old}. Change the last day under Fill in."
        ),
        "{party} is no member in the cluster file. A municipality must be a party before it can be the motor "
        "municipality: let it join first with 'ksf accede'.": T(
            "{party} is no member in the cluster file. A municipality must be a party before it can be the motor "
            "municipality: let it join first, under Accession."
        ),
        "By version {n} the motor municipality is {now}; the cluster file says {meant}. Write {now} there, or "
        "change it with 'ksf change-motor'.": T(
            "By version {n} the motor municipality is {now}; the cluster file says {meant}. Choose {now} under Fill "
            "in, or change the motor municipality under Renewal."
        ),
        "{names} would join: use 'ksf accede'.": T("{names} would join: that is done under Accession."),
        "{names} would leave: a bound party leaves by notice ('ksf notice').": T(
            "{names} would leave: a bound party leaves by notice, under Notice."
        ),
        "A later last day is a renewal: use 'ksf renew'.": T("A later last day is a renewal, under Renewal."),
        "Version {n} of {cluster} is issued and kept in the register, but its documents were not written: "
        "{reason} Run the command again to write them, with another --out if need be.": T(
            "Version {n} of {cluster} is issued and kept in the register, but its documents were not written to the "
            "folder: {reason} Fetch them under Documents."
        ),
        # Documents, letters and the package.
        "The template has faults; nothing was made from it. 'ksf template lint FILE' tells more.": T(
            "The template has faults; nothing was made from it. Templates tells more."
        ),
        "Find the number with 'ksf municipalities NAME'.": T("Search for the municipality by its name."),
        "Write the number with four digits, for example \"4601\"; 'ksf municipalities NAME' finds it.": T(
            'Write the number with four digits, for example "4601", or search for the municipality by its name.'
        ),
        "Make the sheet anew with 'ksf sheet CLUSTER --out FILE.xlsx', and fill it.": T(
            "Download the sheet anew under Excel and calendar, and fill it."
        ),
        "Use 'ksf export --out FILE.xlsx --force'.": T("Download it under Excel and calendar."),
        "Use 'ksf export --region {region} --out FILE.xlsx --force'.": T(
            "Download it under Excel and calendar, for the region {region}."
        ),
        "Name the municipality with --party.": T("Choose the municipality."),
        "No notice from {party} is recorded by {date}. Record it with 'ksf notice'.": T(
            "No notice from {party} is recorded by {date}. Record it under Notice."
        ),
        "Name the year with --year.": T("Write the year."),
        "No package of version {n} has been made by {date}. Do it with 'ksf package'.": T(
            "No package of version {n} has been made by {date}. Do it under Documents."
        ),
        "This letter needs an agreement that has been issued by {date}, and none is recorded. Do it with "
        "'ksf issue {cluster}'.": T(
            "This letter needs an agreement that has been issued by {date}, and none is recorded. Do it under "
            "Issue for signing."
        ),
        "The agreement is not in force on {date}: {reason}. Choose another day with --on.": T(
            "The agreement is not in force on {date}: {reason}. Choose another day."
        ),
        "The register has no signed file of {parties}. Add it with 'ksf sign --file'.": T(
            "The register has no signed file of {parties}. Bring it in under Received files."
        ),
        "National e-signing takes {most} signers in one job, and the agreement has {n} parties: it is "
        "signed in {count} counterparts. Put them together afterwards with 'ksf package {cluster} --assemble'.": T(
            "National e-signing takes {most} signers in one job, and the agreement has {n} parties: it is signed in "
            "{count} counterparts. Put them together afterwards under Documents."
        ),
        "Who signs is not known for {parties}. Write it under signatory.": T(
            "Who signs is not known for {parties}. Write it under Fill in."
        ),
        "The cluster file names no cluster leader. Write it under cluster_leader.": T(
            "The cluster file names no cluster leader. Write it under Fill in."
        ),
        "When it is sent, record that: {command} --deadline DATE": T("When it is sent, record that under Signatures."),
        "The package is kept in the register, but it was not put into {folder} ({reason}). Run the command "
        "again, with another --out if need be.": T(
            "The package is kept in the register, but it was not put into {folder} ({reason}). Fetch it under "
            "Documents."
        ),
        "{file} has been edited since it was generated, and is left as it is. Move it, or use --force to replace "
        "it.": T("{file} has been edited since it was generated, and is left as it is. Move it, and try again."),
        "{file} has been signed, and is left as it is. Move it, or use --force to replace it.": T(
            "{file} has been signed, and is left as it is. Move it, and try again."
        ),
        "{file} is there already. Move it, or use --force to replace it.": T(
            "{file} is there already. Move it, and try again."
        ),
        "These are other files than the package's, signed or edited perhaps, and nothing was made: {files}. "
        "Move them, or use --force to replace them.": T(
            "These are other files than the package's, signed or edited perhaps, and nothing was made: {files}. Move "
            "them, and try again."
        ),
        "These cluster files have errors and were not read ('ksf check' tells them): {names}": T(
            "These cluster files have errors and were not read; Fill in tells them: {names}"
        ),
        "There are no clusters yet. Write one in the folder clusters, or run 'ksf init'.": T(
            "There are no clusters yet. Make one under New cluster."
        ),
    }
)
"""The page's sentence, by the one that everybody is told; both have the same places to be filled."""
