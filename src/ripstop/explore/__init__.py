"""The engine: plan, run, judge, reduce, replay; it yields events and knows no reader."""
