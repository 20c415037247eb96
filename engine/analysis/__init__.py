"""Questions asked of a posterior; none of them samples again."""
