"""From a survey to the files of a first hour: a configuration, doubles, first tests for what matters most.

What a person already wrote is read, never overwritten.
"""
