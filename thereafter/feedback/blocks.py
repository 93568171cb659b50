"""What messages say of questions, answers and reviews: each kind has a file of its own."""

from thereafter.feedback import (
    follow_up_links,  # noqa: F401 it adds its own when it is read
    question_links,  # noqa: F401 it adds its own when it is read
    review_blocks,  # noqa: F401 it adds its own when it is read
    review_news,  # noqa: F401 it adds its own when it is read
)
from thereafter.feedback.survey_blocks import satisfaction, survey_question

__all__ = ["satisfaction", "survey_question"]
