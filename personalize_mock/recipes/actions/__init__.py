"""Recipe aws-next-best-action, which recommends actions (such as enrolling in a loyalty program) to a user."""
