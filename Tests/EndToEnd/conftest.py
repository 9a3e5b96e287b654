"""Fixtures of the tests of putlive-agent."""

from agent import agent, start_agent

__all__ = ["agent", "start_agent"]
