"""The CV that the tests match roles with, made up: `python tests/curriculum_vitae.py` writes it to tests/data as PDF and Word."""

from pathlib import Path

from docx import Document
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import ListFlowable, ListItem, Paragraph, SimpleDocTemplate

DATA = Path(__file__).with_name("data")
NAME = "Senior Infrastructure Engineer: Ilse Varga-Nwosu"

# A heading with its paragraphs; a list of lines stands for bullets.
CV: tuple[tuple[str, tuple[str | list[str], ...]], ...] = (
    (
        "Profile",
        (
            "Infrastructure engineer with thirteen years of experience keeping busy services up, most of them on Kubernetes. I like systems that page nobody, and "
            "colleagues who can run them without me. I have no experience with Java, and I have never managed people.",
        ),
    ),
    (
        "Work",
        (
            "Senior Site Reliability Engineer, Kestrel Parcel Tracking, Leeds, Mar 2019 to present",
            [
                "Run eight production Kubernetes clusters on AWS for thirty product teams, upgrades and capacity planning included",
                "Introduced service level objectives with error budgets for the forty services that customers notice, and agreed on them with the product teams",
                "Share an on-call rota of seven; as incident commander I led the response to our nine worst outages and wrote the blameless postmortems",
                "Cut alerts from 400 to 60 a week by rewriting the Prometheus rules and the Grafana dashboards",
                "Wrote an operator in Go that rotates certificates and database passwords without downtime",
                "Mentor two junior engineers, and run a monthly reading group on distributed systems",
            ],
            "Platform Engineer, Tollgate Ticketing, Manchester, 2015 - 2019",
            [
                "Moved 120 services from virtual machines to Kubernetes, with Helm charts and a service template that teams took up because it was quicker",
                "Described all infrastructure in Terraform modules, each change reviewed and applied by GitLab CI",
                "Built a self-service deployment tool in Python, so that developers ship without waiting for the platform team",
            ],
            "Linux Systems Administrator, Harrowgate Hosting, York, 2013 - 2015",
            [
                "Looked after 600 Linux servers with Ansible, and rehearsed the restore of a whole data centre every quarter",
                "Tracked down slow queries and tuned PostgreSQL for customers' shops",
            ],
        ),
    ),
    ("Education", ("BSc Computer Science, University of Hull, 2010 - 2013",)),
    ("Certificates", (["Certified Kubernetes Administrator (CKA)", "HashiCorp Certified: Terraform Associate"],)),
    ("Languages", ("English (native), Hungarian (fluent), German (B1)",)),
)


def write_word(path: Path) -> None:
    """Write the CV as a Word document."""
    document = Document()
    document.add_heading(NAME, 1)
    for heading, parts in CV:
        document.add_heading(heading, 2)
        for part in parts:
            if isinstance(part, str):
                document.add_paragraph(part)
            else:
                for line in part:
                    document.add_paragraph(line, style="List Bullet")
    document.save(str(path))


def write_pdf(path: Path) -> None:
    """Write the CV as a PDF with text in it."""
    styles = getSampleStyleSheet()
    flow = [Paragraph(NAME, styles["Title"])]
    for heading, parts in CV:
        flow.append(Paragraph(heading, styles["Heading2"]))
        for part in parts:
            if isinstance(part, str):
                flow.append(Paragraph(part, styles["BodyText"]))
            else:
                items = [ListItem(Paragraph(line, styles["BodyText"])) for line in part]
                flow.append(ListFlowable(items, bulletType="bullet"))
    SimpleDocTemplate(str(path), pagesize=A4, title=NAME, invariant=1).build(flow)


if __name__ == "__main__":
    write_word(DATA / "cv-infrastructure-engineer.docx")
    write_pdf(DATA / "cv-infrastructure-engineer.pdf")
