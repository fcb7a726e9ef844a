__all__ = [
    "ContentPlan",
    "plan_content",
]

from .content_plan import ContentPlan, plan_content
