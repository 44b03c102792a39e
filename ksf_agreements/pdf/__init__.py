"""PDF: conversion by LibreOffice, the proof-check of what it made, and the package to sign."""
